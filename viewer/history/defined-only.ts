/** An object without the keys whose value is not known: absent, never `undefined`. */
export function definedOnly<T extends object>(given: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
