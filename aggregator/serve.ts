import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Clock } from "../common/runtime/clock.ts";
import type { Log } from "../common/runtime/log.ts";
import { formatAggregatorStatus } from "../common/systemd/aggregator-status.ts";
import type { Notify } from "../common/systemd/notify.ts";
import { type OutputPlan, startAggregator } from "./aggregator.ts";
import type { AggregatorOptions } from "./cli/options.ts";
import { createRefusals } from "./intake/rejections.ts";
import { openReceiver } from "./intake/zeromq-server.ts";
import { type OutputUrl, socketOf } from "./outputs/output-url.ts";
import { stdoutTo } from "./outputs/stdout.ts";
import { telegrafAt } from "./outputs/telegraf-socket.ts";
import { formatStatus } from "./status.ts";

/** How long it may take to write what is in hand when we are told to end, ms. */
const GRACE_MS = 2_000;
/** Between two signs of life for the service manager, ms. */
const LIFE_MS = 2_000;

/**
 * Takes readings and writes them until the signal aborts, or until nobody can ever read them. `tellWhenAsked` is handed a
 * table that tells how the aggregator is.
 *
 * @throws {EndpointError}
 */
export async function serve(
  { outputs, endpoint, settleMs }: AggregatorOptions,
  stdout: Writable,
  stop: AbortSignal,
  clock: Clock,
  log: Log,
  notify: Notify,
  tellWhenAsked: (status: () => string) => void = () => {},
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
  tellWhenAsked(() => formatStatus({ ...aggregator.status(), endpoint }));
  const task = `takes readings at ${endpoint} and writes them to ${outputs.join(", ")}`;
  log.info(task);
  notify.ready();
  void showLife(notify, () => formatAggregatorStatus(aggregator.status()), clock, over.signal);

  if (!over.signal.aborted) await once(over.signal, "abort");
  await aggregator.close(GRACE_MS);
  await receiver.close();
  refusals.close();
}

/**
 * An aggregator to which nobody delivers, or whose outputs are away, has nothing to show for its time: what the watchdog
 * sees is that its events are attended to.
 */
async function showLife(notify: Notify, status: () => string, clock: Clock, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    notify.progress(10 * LIFE_MS);
    notify.status(status());
    await clock.sleep(LIFE_MS, over).catch(() => {});
  }
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
