import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Clock } from "../common/clock.ts";
import type { Log } from "../common/log.ts";
import { type OutputPlan, startAggregator } from "./aggregator.ts";
import type { AggregatorOptions } from "./options.ts";
import { type OutputUrl, socketOf } from "./output-url.ts";
import { openReceiver } from "./receiver.ts";
import { createRefusals } from "./refusals.ts";
import { stdoutTo } from "./sinks/stdout.ts";
import { telegrafAt } from "./sinks/telegraf.ts";

/** How long it may take to write what is in hand when we are told to end, ms. */
const GRACE_MS = 2_000;

/**
 * Takes readings and writes them until the signal aborts, or until nobody can ever read them.
 *
 * @throws {EndpointError}
 */
export async function serve(
  { outputs, endpoint, settleMs }: AggregatorOptions,
  stdout: Writable,
  stop: AbortSignal,
  clock: Clock,
  log: Log,
): Promise<void> {
  const refusals = createRefusals(clock, log);
  const receiver = await openReceiver(endpoint, refusals.count);
  const over = new AbortController();
  const end = () => over.abort();
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  const aggregator = startAggregator(plansOf(outputs, stdout), settleMs, {
    reply: receiver.reply,
    newEpoch: () => randomBytes(8).toString("hex"),
    onEnded: end,
    refusals,
    clock,
    log,
  });
  await receiver.listen(aggregator.take);
  log.info(`takes readings at ${endpoint} and writes them to ${outputs.join(", ")}`);

  if (!over.signal.aborted) await once(over.signal, "abort");
  await aggregator.close(GRACE_MS);
  await receiver.close();
  refusals.close();
}

/** Standard output is for looking on where there is a socket: nothing waits for it then. */
function plansOf(outputs: readonly OutputUrl[], stdout: Writable): OutputPlan[] {
  const hasSocket = outputs.some((url) => socketOf(url) !== undefined);
  return outputs.map((url) => {
    const path = socketOf(url);
    if (path !== undefined) return { name: url, open: telegrafAt(path), isRequired: true };
    return { name: "stdout", open: stdoutTo(stdout), isRequired: !hasSocket };
  });
}
