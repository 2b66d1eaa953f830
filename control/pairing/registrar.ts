import { createHash, timingSafeEqual } from "node:crypto";
import type { KnownHost } from "../../common/hosts/known-hosts.ts";
import type { PublicKey } from "../../common/hosts/public-key.ts";
import type { JoinRequest, PairingAnswer, PairingRequest } from "./messages.ts";

/** Decides who joins by one pairing line. */
export interface Registrar {
  /** `undefined`: a message that is not a request. */
  answer(request: PairingRequest | undefined): PairingAnswer;
  /** The host that has joined. */
  readonly joined: KnownHost | undefined;
  /** It has tried the aggregator's endpoint; undefined until it reports. */
  readonly isReached: boolean | undefined;
  /** So many codes were wrong that somebody guesses: nobody joins any more. */
  readonly isEnded: boolean;
}

export interface RegistrarDeps {
  readonly code: string;
  /** Of the aggregator's host. */
  readonly ownKey: PublicKey;
  /** Names and addresses of the aggregator's host, for the one that joins. */
  readonly addresses: readonly string[];
  knownHosts(): readonly KnownHost[];
  /** Admits a host, on disk when it returns. */
  add(host: KnownHost): void;
}

/** Wrong codes after which pairing ends. */
export const MAX_WRONG_CODES = 5;

/**
 * The code admits one key. That one may ask again, because its answer may have been lost; a name that is taken leaves the
 * code unused.
 */
export function createRegistrar({ code, ownKey, addresses, knownHosts, add }: RegistrarDeps): Registrar {
  let joined: KnownHost | undefined;
  let isReached: boolean | undefined;
  let wrong = 0;

  function join({ name, publicKey }: JoinRequest): PairingAnswer {
    if (publicKey === ownKey) return { type: "refused", reason: "own" };
    if (joined && joined.publicKey !== publicKey) return { type: "refused", reason: "code" };
    const hosts = knownHosts();
    const known = hosts.find((host) => host.publicKey === publicKey);
    if (!known && hosts.some((host) => host.name === name)) return { type: "refused", reason: "name" };
    if (!known) add({ name, publicKey });
    joined = known ?? { name, publicKey };
    return { type: "joined", name: joined.name, addresses };
  }
  return {
    answer(request) {
      if (!request) return { type: "refused", reason: "malformed" };
      const isRight = isSameCode(request.code, code);
      if (!isRight) wrong += 1;
      if (!isRight || wrong >= MAX_WRONG_CODES) return { type: "refused", reason: "code" };
      if (request.type === "join") return join(request);
      isReached = request.isReached;
      return { type: "noted" };
    },
    get joined() {
      return joined;
    },
    get isReached() {
      return isReached;
    },
    get isEnded() {
      return wrong >= MAX_WRONG_CODES;
    },
  };
}

/** Takes the same time for every code. */
function isSameCode(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
