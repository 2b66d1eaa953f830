/** Bytes of several layouts of the same record in one of `size` bytes: each is 0 where another has a field. */
export function overlay(size: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const part of parts) for (const [i, byte] of part.entries()) bytes[i] = (bytes[i] ?? 0) | byte;
  return bytes;
}

/** A value for each row of a layout, by its position; rows whose value is undefined are left out. */
export function numbered<Name extends string>(
  rows: readonly { readonly name: Name }[],
  value: (index: number) => number | undefined,
): Record<Name, number> {
  const values = rows.map(({ name }, i) => [name, value(i)] as const);
  return Object.fromEntries(values.filter(([, one]) => one !== undefined)) as Record<Name, number>;
}
