// Polls of one program over BlueZ, as the scripted battery sees them.
import { join } from "node:path";
import type { Bench } from "../question.ts";
import { collect } from "./collector.ts";
import { deferred } from "./deferred.ts";
import { type Disturbance, type Exchange, type Pack, startPackRadio } from "./pack.ts";
import { startAgent, startPeer } from "./subjects.ts";

/** A poll that gave a sample. */
export interface Poll {
  readonly exchanges: readonly Exchange[];
  /** When the program handed its sample on, by performance.now(). */
  readonly endedAt: number;
}

export interface Polls {
  /** The next poll that gives a sample. A disturbance changes the answers of its requests. */
  next(disturbance?: Disturbance): Promise<Poll>;
}

export type PollOptions = {
  readonly intervalS: number;
  /** Of each answer; 77 and 47 ms where absent. */
  readonly latencyMs?: number;
};

/** The programs that poll: an agent hands its sample to an aggregator, and the peer prints it. Undefined where it is not here. */
export const POLLERS: Readonly<
  Record<"agent" | "peer", (bench: Bench, options: PollOptions) => Promise<Polls | undefined>>
> = {
  async agent(bench, { intervalS: interval, latencyMs }) {
    const endpoint = `ipc://${join(bench.folder, "readings.sock")}`;
    const radio = await startPackRadio(bench);
    const pack = radio.addPack(latencyMs);
    const { polls, ended } = observe(pack);
    await collect(bench, endpoint, ({ reading, at }) => {
      if (reading.sample.online === 1) ended(at);
    });
    startAgent(bench, { radio }, { meter: "poll", address: pack.address, endpoint, interval });
    return polls;
  },
  async peer(bench, { intervalS: interval, latencyMs }) {
    const radio = await startPackRadio(bench);
    const pack = radio.addPack(latencyMs);
    const { polls, ended } = observe(pack);
    const onLine = (line: string) => {
      if (line.includes("sample")) ended(performance.now());
    };
    return startPeer(bench, { radio, address: pack.address, interval, onLine }) && polls;
  },
};

function observe(pack: Pack): { readonly polls: Polls; ended(at: number): void } {
  let awaited = deferred<Poll>();
  let begin = 0;
  return {
    polls: {
      next(disturbance) {
        pack.disturb(disturbance);
        begin = pack.exchanges.length;
        awaited = deferred();
        return awaited.promise;
      },
    },
    ended(endedAt) {
      const exchanges = pack.exchanges.slice(begin);
      pack.disturb(undefined);
      // A poll that had begun before it was awaited is not this one.
      if (exchanges[0]?.register === "03") awaited.resolve({ exchanges, endedAt });
      begin = pack.exchanges.length;
    },
  };
}

/** Time of a poll that the device did not take: between its answers and after the last of them, ms. */
export function addedMs({ exchanges, endedAt }: Poll): number {
  const device = exchanges.reduce(
    (sum, { requestedAt, answeredAt }) => sum + ((answeredAt ?? requestedAt) - requestedAt),
    0,
  );
  return tookMs({ exchanges, endedAt }) - device;
}

/** From the first request to the sample, ms. */
export function tookMs({ exchanges, endedAt }: Poll): number {
  return endedAt - (exchanges[0]?.requestedAt ?? Number.NaN);
}
