const HEADER = [0xff, 0xaa] as const;
/** Header, command and length stand before it; the sum follows it. */
const PAYLOAD_AT = 4;
/** Asks for the random byte of the cipher, and is answered with it. */
const RANDOM_COMMAND = 0x17;

export type Direction = "written" | "notified";

/**
 * A copy in which passwords cannot be read. Commands of JBD's Bluetooth module are
 *
 *     FF AA command length payload… sum        sum = low byte of command + length + payload
 *
 * and their cipher is reversible: whoever has one exchange has the password. So payloads become zeros, with the sum that
 * belongs to them. Command, length and the status byte of a reply stay, so that the exchange can be replayed.
 */
export function maskSecrets(bytes: Uint8Array, direction: Direction): Uint8Array {
  const masked = Uint8Array.from(bytes);
  for (let start = 0; start < masked.length; start += 1) {
    const frame = masked.subarray(start);
    if (frame[0] !== HEADER[0] || frame[1] !== HEADER[1]) continue;
    if (start === 0 || isWhole(frame)) maskCommand(frame, direction);
  }
  return masked;
}

/** What masking leaves of written bytes to tell them apart: header and command of the module's, all of any others. */
export function unmaskedPart(hex: string): string {
  return /^ffaa[0-9a-f]{2}/.exec(hex)?.[0] ?? hex;
}

function maskCommand(frame: Uint8Array, direction: Direction): void {
  const [, , command = 0, length = 0] = frame;
  const isStatus = direction === "notified" && length === 1 && command !== RANDOM_COMMAND;
  if (isStatus) return;
  const sumAt = isWhole(frame) ? PAYLOAD_AT + length : frame.length;
  frame.fill(0, PAYLOAD_AT, sumAt);
  if (sumAt < frame.length) frame[sumAt] = command + length;
}

/** Whether a command stands here from header to sum, rather than bytes that happen to begin like one. */
function isWhole(frame: Uint8Array): boolean {
  const [, , command = 0, length = 0] = frame;
  const payload = frame.subarray(PAYLOAD_AT, PAYLOAD_AT + length);
  const sum = payload.reduce((total, byte) => total + byte, command + length);
  return frame[PAYLOAD_AT + length] === (sum & 0xff);
}
