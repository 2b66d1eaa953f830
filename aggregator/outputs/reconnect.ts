import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { type OpenSink, type Sink, SinkError } from "./sink.ts";

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** An output by the name that the operator gave it. */
export interface Destination {
  readonly name: string;
  readonly open: OpenSink;
}

/**
 * Opens a sink, hands it to `serve` until it is lost, and begins again, saying once when the receiver is away, once for each
 * further reason, and once when it is back. Ends when `serve` returns or the signal aborts.
 *
 * @throws {SinkError} where it can never be opened again
 */
export async function keepOpen(
  { name, open }: Destination,
  serve: (sink: Sink) => Promise<void>,
  stop: AbortSignal,
  clock: Clock,
  log: Log,
): Promise<void> {
  let awaySince: number | undefined;
  const reasons = new Set<string>();
  let delayMs = FIRST_RETRY_MS;
  while (!stop.aborted) {
    try {
      const sink = await open();
      if (awaySince !== undefined) {
        log.info(`${name}: back after ${((clock.monotonic() - awaySince) / 1000).toFixed(1)} s`);
      }
      awaySince = undefined;
      reasons.clear();
      delayMs = FIRST_RETRY_MS;
      return await serve(sink).finally(() => sink.close());
    } catch (error) {
      if (!(error instanceof SinkError) || error.isFinal) throw error;
      if (!stop.aborted && !reasons.has(error.message)) log.warn(`${name}: ${error.message}`);
      reasons.add(error.message);
      awaySince ??= clock.monotonic();
    }
    await clock.sleep(delayMs, stop).catch(() => {});
    delayMs = Math.min(delayMs * 2, LAST_RETRY_MS);
  }
}
