import { firstAborted } from "../../common/abort.ts";
import type { Clock } from "../../common/clock.ts";
import { type RecognisedKind, recogniseKind } from "../drivers/recognition.ts";
import type { Advertisement, Radio } from "../radio/radio.ts";

/** A device on the air. */
export interface InRange {
  /** Its latest advertisement, with the name and services of earlier ones where this one has none. */
  readonly heard: Advertisement;
  /** Undefined where no driver knows it. */
  readonly recognised: RecognisedKind | undefined;
}

/** Listens for a while: what may be a battery first, then the strongest first. @throws {RadioError} the reason of `stop` */
export async function findInRange(radio: Radio, ms: number, clock: Clock, stop: AbortSignal): Promise<InRange[]> {
  const enough = new AbortController();
  const until = firstAborted(stop, enough.signal);
  const found = new Map<string, InRange>();
  void clock.sleep(ms, until.signal).then(
    () => enough.abort(),
    () => {},
  );
  try {
    for await (const advertisement of radio.scan(until.signal)) {
      const before = found.get(advertisement.address);
      const heard = before ? merged(before.heard, advertisement) : advertisement;
      const recognised = surer(recogniseKind(heard), before?.recognised);
      found.set(heard.address, { heard, recognised });
    }
  } finally {
    enough.abort();
    until.release();
  }
  stop.throwIfAborted();
  return [...found.values()].sort(byLikelihood);
}

/** A device tells its name and its services in turn. */
function merged(before: Advertisement, now: Advertisement): Advertisement {
  return {
    ...now,
    name: now.name || before.name,
    rssi: now.rssi ?? before.rssi,
    services: [...new Set([...before.services, ...now.services])],
  };
}

const RANK = { certain: 2, likely: 1, unknown: 0 } as const;
const rank = (kind: RecognisedKind | undefined) => RANK[kind?.confidence ?? "unknown"];

function surer(a: RecognisedKind | undefined, b: RecognisedKind | undefined): RecognisedKind | undefined {
  return rank(b) > rank(a) ? b : a;
}

function byLikelihood(a: InRange, b: InRange): number {
  return rank(b.recognised) - rank(a.recognised) || (b.heard.rssi ?? -127) - (a.heard.rssi ?? -127);
}
