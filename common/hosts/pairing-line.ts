import { formatPublicKey, type PublicKey, parsePublicKey } from "./public-key.ts";
import { isHostAddress, parsePort } from "./tcp-endpoint.ts";

/**
 * The line that `bmsctl pair` prints and `bmsctl join` takes, on which no shell changes anything:
 *
 *     bms1/HOST/PORT/PAIRING-PORT/PUBLIC-KEY/CODE/CHECK
 *
 * CHECK, the beginning of a SHA-256 of everything before it, shows that the line was copied whole.
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
const PARTS = 7;
const VERSIONS = /^bms\d+$/;
const CODE = /^[a-z2-7]{16}$/;
const CODE_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const CODE_LENGTH = 16;
/** Hexadecimal digits. */
const CHECK_LENGTH = 6;

/** The rule of `parsePairingLine`, for error messages. */
export const PAIRING_LINE_RULE = "the line that sudo bmsctl pair prints on the aggregator's host, beginning with bms1/";

/** A new code: 80 random bits. */
export function makePairingCode(): string {
  const bytes = crypto().randomBytes(CODE_LENGTH);
  return Array.from(bytes, (byte) => CODE_ALPHABET.charAt(byte % CODE_ALPHABET.length)).join("");
}

export function formatPairingLine({ host, port, pairingPort, publicKey, code }: PairingLine): string {
  const text = [VERSION, host, port, pairingPort, formatPublicKey(publicKey), code].join("/");
  return `${text}/${checkOf(text)}`;
}

/** The line, or why it is none: half a sentence with what to do. */
export function parsePairingLine(text: string): PairingLine | { readonly fault: string } {
  const parts = text.trim().split("/");
  const [version = "", host = "", portText = "", pairingText = "", keyText = "", code = ""] = parts;
  if (version !== VERSION && VERSIONS.test(version)) {
    return { fault: `is of another version (${version}): install the same version of bms on both hosts` };
  }
  if (version !== VERSION) return { fault: "is not a line of bmsctl pair, which begins with bms1/: copy it again" };
  const port = parsePort(portText);
  const pairingPort = parsePort(pairingText);
  const publicKey = parsePublicKey(keyText);
  const isWhole = parts.length === PARTS && parts.at(-1) === checkOf(parts.slice(0, -1).join("/"));
  if (!isWhole || !isHostAddress(host) || !CODE.test(code) || !port || !pairingPort || !publicKey) {
    return { fault: "was not copied whole: copy all of it, to its end" };
  }
  return { host, port, pairingPort, publicKey, code };
}

function checkOf(text: string): string {
  return crypto().createHash("sha256").update(text).digest("hex").slice(0, CHECK_LENGTH);
}

/** Loaded when it is first needed. */
function crypto() {
  return process.getBuiltinModule("node:crypto");
}
