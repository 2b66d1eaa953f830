import { isHostName } from "../../common/hosts/known-hosts.ts";
import { formatPublicKey, type PublicKey, parsePublicKey } from "../../common/hosts/public-key.ts";
import { isHostAddress } from "../../common/hosts/tcp-endpoint.ts";

/**
 * Messages between `bmsctl join` and `bmsctl pair`, over CURVE with the aggregator's key: one JSON object per frame.
 *
 *     join → { v, t: "join", name, key, code }
 *     pair → { v, t: "joined", name, addresses } or { v, t: "refused", reason, name? }
 *     join → { v, t: "tried", code, reached }, after it has tried the aggregator's endpoint with its key
 *     pair → { v, t: "noted" }
 */
const VERSION = 1;
/** Longest message, in bytes. */
export const MAX_PAIRING_BYTES = 2048;
/** Other names of the aggregator's host, at most. */
const MAX_ADDRESSES = 8;

export type PairingRequest = JoinRequest | TriedRequest;

export interface JoinRequest {
  readonly type: "join";
  /** The name that the host gives itself. */
  readonly name: string;
  readonly publicKey: PublicKey;
  readonly code: string;
}

export interface TriedRequest {
  readonly type: "tried";
  readonly code: string;
  /** The aggregator has admitted the new key. */
  readonly isReached: boolean;
}

/** `code`: wrong, used or expired. `name`: another key has it. `own`: the key is that of the aggregator's host. */
const REASONS = ["code", "name", "own", "malformed"] as const;
export type RefusalReason = (typeof REASONS)[number];

export type PairingAnswer =
  | {
      readonly type: "joined";
      /** The name under which the aggregator knows the host. */
      readonly name: string;
      /** Names under which the aggregator's host may be reached, better ones first. */
      readonly addresses: readonly string[];
    }
  | { readonly type: "refused"; readonly reason: RefusalReason }
  | { readonly type: "noted" };

export function encodeRequest(request: PairingRequest): Uint8Array {
  if (request.type === "tried") return encode({ t: "tried", code: request.code, reached: request.isReached });
  const { name, publicKey, code } = request;
  return encode({ t: "join", name, key: formatPublicKey(publicKey), code });
}

/** Undefined for anything but a request of this version. */
export function decodeRequest(bytes: Uint8Array): PairingRequest | undefined {
  const { t, name, key, code, reached } = decode(bytes);
  if (typeof code !== "string") return undefined;
  if (t === "tried") return typeof reached === "boolean" ? { type: t, code, isReached: reached } : undefined;
  const publicKey = typeof key === "string" ? parsePublicKey(key) : undefined;
  if (t !== "join" || publicKey === undefined || typeof name !== "string" || !isHostName(name)) return undefined;
  return { type: t, name, publicKey, code };
}

export function encodeAnswer(answer: PairingAnswer): Uint8Array {
  const { type, ...rest } = answer;
  return encode({ t: type, ...rest });
}

/** Undefined for anything but an answer of this version. */
export function decodeAnswer(bytes: Uint8Array): PairingAnswer | undefined {
  const { t, name, addresses, reason } = decode(bytes);
  if (t === "noted") return { type: t };
  if (t === "refused") {
    const known = REASONS.find((each) => each === reason);
    return known && { type: t, reason: known };
  }
  if (t !== "joined" || typeof name !== "string" || !isHostName(name) || !Array.isArray(addresses)) return undefined;
  const usable = addresses.filter((each) => typeof each === "string" && isHostAddress(each));
  return { type: t, name, addresses: usable.slice(0, MAX_ADDRESSES) };
}

function encode(fields: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(JSON.stringify({ v: VERSION, ...fields }));
}

/** The fields of a message of this version; none for anything else. */
function decode(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes.length > MAX_PAIRING_BYTES) return {};
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject && "v" in value && value.v === VERSION ? { ...value } : {};
  } catch {
    return {};
  }
}
