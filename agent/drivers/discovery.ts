import { firstAborted } from "../../common/runtime/abort.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Advertisement, Radio } from "../radio/radio.ts";
import { type Recognition, recognise } from "./recognise.ts";

/** A device in range. */
export interface ScanResult {
  /** Its latest advertisement, with the name and the services of earlier ones where this one has none. */
  readonly advertisement: Advertisement;
  /** Undefined where no driver knows it. */
  readonly recognised: Recognition | undefined;
}

/** The devices that have advertised so far. */
export interface ScanResults {
  add(advertisement: Advertisement): void;
  /** Recognised devices first, then by signal strength, or in the order in which they appeared: lines that stay in place. */
  list(order?: "signal" | "appearance"): ScanResult[];
}

export function createScanResults(): ScanResults {
  const results = new Map<string, ScanResult>();
  return {
    add(advertisement) {
      const before = results.get(advertisement.address);
      const merged = before ? merge(before.advertisement, advertisement) : advertisement;
      results.set(merged.address, {
        advertisement: merged,
        recognised: surer(recognise(merged), before?.recognised),
      });
    },
    list: (order = "signal") =>
      [...results.values()].sort((a, b) => byConfidence(a, b) || (order === "signal" ? bySignal(a, b) : 0)),
  };
}

export interface ScanDeps {
  readonly radio: Radio;
  readonly clock: Clock;
}

/** The advertisements of `durationMs`, or fewer when `stop` aborts. @throws {RadioError} */
async function* scanDuring(
  durationMs: number,
  { radio, clock }: ScanDeps,
  stop: AbortSignal,
): AsyncGenerator<Advertisement> {
  const timeUp = new AbortController();
  const until = firstAborted(stop, timeUp.signal);
  void clock.sleep(durationMs, until.signal).then(
    () => timeUp.abort(),
    () => {},
  );
  try {
    yield* radio.scan(until.signal);
  } finally {
    timeUp.abort();
    until.release();
  }
}

/** Adds what scanDuring yields. @throws {RadioError} */
export async function collectAdvertisements(
  results: ScanResults,
  durationMs: number,
  deps: ScanDeps,
  stop: AbortSignal,
): Promise<void> {
  for await (const advertisement of scanDuring(durationMs, deps, stop)) results.add(advertisement);
}

/** The devices that advertise within `durationMs`. @throws {RadioError} the reason of `stop` */
export async function scanFor(durationMs: number, deps: ScanDeps, stop: AbortSignal): Promise<ScanResult[]> {
  const results = createScanResults();
  await collectAdvertisements(results, durationMs, deps, stop);
  stop.throwIfAborted();
  return results.list();
}

/** A device advertises its name and its services in turn. */
function merge(before: Advertisement, now: Advertisement): Advertisement {
  return {
    ...now,
    name: now.name || before.name,
    rssi: now.rssi ?? before.rssi,
    services: [...new Set([...before.services, ...now.services])],
  };
}

const RANK = { certain: 2, likely: 1, possible: 0, unknown: 0 } as const;
const rank = (recognised: Recognition | undefined) => RANK[recognised?.confidence ?? "unknown"];

function surer(a: Recognition | undefined, b: Recognition | undefined): Recognition | undefined {
  return rank(b) > rank(a) ? b : a;
}

function byConfidence(a: ScanResult, b: ScanResult): number {
  return rank(b.recognised) - rank(a.recognised);
}

function bySignal(a: ScanResult, b: ScanResult): number {
  return (b.advertisement.rssi ?? -127) - (a.advertisement.rssi ?? -127);
}
