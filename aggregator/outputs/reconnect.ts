import { backoff } from "../../common/runtime/backoff.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import { type OpenSink, type Sink, SinkError } from "./sink.ts";

const RETRY_STEPS = { firstMs: 100, longestMs: 5_000 };

/** An output under the name that the operator gave it. */
export interface Destination {
  readonly name: string;
  readonly open: OpenSink;
}

export interface ReconnectDeps {
  readonly stop: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens a sink, passes it to `use` until it is lost, and reconnects with backoff. Logs each distinct reason once per outage,
 * and the end of the outage. Returns when `use` returns or `stop` aborts.
 *
 * @throws {SinkError} if it can never be opened again
 */
export async function keepConnected(
  { name, open }: Destination,
  use: (sink: Sink) => Promise<void>,
  { stop, clock, log }: ReconnectDeps,
): Promise<void> {
  let awaySince: number | undefined;
  const problems = trackProblems();
  let delays = backoff(RETRY_STEPS);
  while (!stop.aborted) {
    try {
      const sink = await open();
      if (awaySince !== undefined) {
        log.info(`${name}: reconnected after ${((clock.monotonic() - awaySince) / 1000).toFixed(1)} s`);
      }
      awaySince = undefined;
      problems.clear();
      delays = backoff(RETRY_STEPS);
      return await use(sink).finally(() => sink.close());
    } catch (error) {
      if (!(error instanceof SinkError) || error.isFinal) throw error;
      if (!stop.aborted && problems.begin(error.message))
        log.warn(`${name}: ${error.message}; until then the agents keep their readings`);
      awaySince ??= clock.monotonic();
    }
    await clock.sleep(delays.next().value, stop).catch(() => {});
  }
}
