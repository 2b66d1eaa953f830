import { type Address, addressBytes } from "../../../common/model/address.ts";
import type { Framing } from "../../codec/assembler.ts";

/**
 * Frames of the Bluetooth module itself. It relays requests to the board, and may require a password before it does
 * (captures of the vendor's app):
 *
 *     both ways  FF  AA  command  length  data…  sum        sum: low byte of command + length + data
 */
export const MODULE_COMMANDS = {
  /** Begins with the app's key; the answer reports whether a password is set. */
  appKey: 0x15,
  /** Requests the random byte that the next password is mixed with. */
  challenge: 0x17,
  /** The user's password, mixed. */
  password: 0x18,
} as const;

/** The key of the vendor's app. It is the same for all modules and not a secret. */
export const APP_KEY = Uint8Array.from("000000", (digit) => digit.charCodeAt(0));
export const PASSWORD_LENGTH = 6;

/** First byte of an answer. */
export const MODULE_STATUS = { accepted: 0, rejected: 1, noPassword: 2 } as const;

export interface ModuleFrame {
  readonly command: number;
  readonly data: Uint8Array;
}

const HEAD = 4;
const sumOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;

export function encodeModuleFrame({ command, data }: ModuleFrame): Uint8Array {
  const summed = Uint8Array.of(command, data.length, ...data);
  return Uint8Array.of(0xff, 0xaa, ...summed, sumOf(summed));
}

/** The parts of a sound frame. */
export function decodeModuleFrame(bytes: Uint8Array): ModuleFrame {
  return { command: bytes[2] ?? 0, data: bytes.slice(HEAD, -1) };
}

export const moduleFraming: Framing = {
  starts: ([first, second]) => first === 0xff && (second === undefined || second === 0xaa),
  size: (bytes) => (bytes.length < HEAD ? undefined : (bytes[3] ?? 0) + HEAD + 1),
  fault: (bytes) => (sumOf(bytes.subarray(2, -1)) === bytes[bytes.length - 1] ? undefined : "checksum"),
};

/** The password as it is sent: each character xor the address's byte, plus the challenge. */
export function mixPassword(password: string, address: Address, challenge: number): Uint8Array {
  const mac = addressBytes(address);
  return Uint8Array.from(password, (character, i) => ((mac[i] ?? 0) ^ character.charCodeAt(0)) + challenge);
}
