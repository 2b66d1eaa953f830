import { firstAborted } from "../../common/runtime/abort.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Advertisement, Radio } from "../radio/radio.ts";
import { type RecognisedKind, recogniseKind } from "./recognise.ts";

/** A device on the air. */
export interface InRange {
  /** Its latest advertisement, with the name and services of earlier ones where this one has none. */
  readonly heard: Advertisement;
  /** Undefined where no driver knows it. */
  readonly recognised: RecognisedKind | undefined;
}

/** What is in range, as far as it was heard. */
export interface Range {
  hear(advertisement: Advertisement): void;
  /** What may be a battery first, then the strongest first. */
  found(): InRange[];
}

export function createRange(): Range {
  const found = new Map<string, InRange>();
  return {
    hear(advertisement) {
      const before = found.get(advertisement.address);
      const heard = before ? merged(before.heard, advertisement) : advertisement;
      found.set(heard.address, { heard, recognised: surer(recogniseKind(heard), before?.recognised) });
    },
    found: () => [...found.values()].sort(byLikelihood),
  };
}

/** Listens for a while, or until `stop` aborts. @throws {RadioError} */
export async function listen(range: Range, radio: Radio, ms: number, clock: Clock, stop: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const until = firstAborted(stop, enough.signal);
  void clock.sleep(ms, until.signal).then(
    () => enough.abort(),
    () => {},
  );
  try {
    for await (const advertisement of radio.scan(until.signal)) range.hear(advertisement);
  } finally {
    enough.abort();
    until.release();
  }
}

/** What is heard in a while. @throws {RadioError} the reason of `stop` */
export async function findInRange(radio: Radio, ms: number, clock: Clock, stop: AbortSignal): Promise<InRange[]> {
  const range = createRange();
  await listen(range, radio, ms, clock, stop);
  stop.throwIfAborted();
  return range.found();
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
