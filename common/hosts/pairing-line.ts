import { formatPublicKey, type PublicKey, parsePublicKey } from "./public-key.ts";
import { isHostAddress, parsePort } from "./tcp-endpoint.ts";

/**
 * The line that `bmsctl pair` prints and `bmsctl join` takes, on which no shell changes anything:
 *
 *     bms1/HOST/PORT/PAIRING-PORT/PUBLIC-KEY/CODE
 */
export interface PairingLine {
  /** The aggregator's host: a name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly pairingPort: number;
  /** Of the aggregator. */
  readonly publicKey: PublicKey;
  /** Admits one host, for a few minutes. */
  readonly code: string;
}

const VERSION = "bms1";
const CODE = /^[a-z2-7]{16}$/;
const CODE_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const CODE_LENGTH = 16;

/** The rule of `parsePairingLine`, for error messages. */
export const PAIRING_LINE_RULE =
  "the whole line that sudo bmsctl pair printed on the aggregator's host, beginning with bms1/";

/** A new code: 80 random bits. */
export function makePairingCode(): string {
  const bytes = process.getBuiltinModule("node:crypto").randomBytes(CODE_LENGTH);
  return Array.from(bytes, (byte) => CODE_ALPHABET.charAt(byte % CODE_ALPHABET.length)).join("");
}

export function formatPairingLine({ host, port, pairingPort, publicKey, code }: PairingLine): string {
  return [VERSION, host, port, pairingPort, formatPublicKey(publicKey), code].join("/");
}

/** Undefined for anything but a whole line of this version. */
export function parsePairingLine(text: string): PairingLine | undefined {
  const [version, host = "", portText = "", pairingText = "", keyText = "", code = "", ...more] = text
    .trim()
    .split("/");
  const port = parsePort(portText);
  const pairingPort = parsePort(pairingText);
  const publicKey = parsePublicKey(keyText);
  if (version !== VERSION || more.length > 0 || !isHostAddress(host) || !CODE.test(code)) return undefined;
  if (port === undefined || pairingPort === undefined || publicKey === undefined) return undefined;
  return { host, port, pairingPort, publicKey, code };
}
