/** The alphabet of Z85 (ZeroMQ RFC 32), in which ZeroMQ takes keys: 5 characters for 4 bytes. */
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const DIGITS: ReadonlyMap<string, number> = new Map([...ALPHABET].map((character, digit) => [character, digit]));
const BASE = 85;

/** @throws {RangeError} unless the length is a multiple of 4 */
export function encodeZ85(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) throw new RangeError(`${bytes.length} bytes are not a multiple of 4`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    let group = "";
    let rest = view.getUint32(at);
    for (let count = 0; count < 5; count += 1) {
      group = ALPHABET.charAt(rest % BASE) + group;
      rest = Math.floor(rest / BASE);
    }
    text += group;
  }
  return text;
}

/** Undefined for a text that is not Z85. */
export function decodeZ85(text: string): Uint8Array | undefined {
  if (text.length % 5 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group < text.length / 5; group += 1) {
    let value = 0;
    for (const character of text.slice(group * 5, group * 5 + 5)) {
      value = value * BASE + (DIGITS.get(character) ?? Number.NaN);
    }
    if (!(value < 2 ** 32)) return undefined;
    view.setUint32(group * 4, value);
  }
  return bytes;
}
