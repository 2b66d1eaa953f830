/** The two bytes of a register, big endian. */
export function wordOf(count: number): Uint8Array {
  return Uint8Array.of((count >> 8) & 0xff, count & 0xff);
}

/** The count in a register; undefined where it does not have two bytes. */
export function countOf(data: Uint8Array | undefined): number | undefined {
  const [high, low, ...more] = data ?? [];
  return high === undefined || low === undefined || more.length > 0 ? undefined : (high << 8) | low;
}
