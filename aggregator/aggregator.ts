import type { Clock } from "../common/runtime/clock.ts";
import type { Log } from "../common/runtime/log.ts";
import { type Delivery, decodeDelivery, encodeAcknowledgement, encodeVersionNotice } from "../common/wire/messages.ts";
import { WireError } from "../common/wire/wire-error.ts";
import { createNameWatch } from "./intake/duplicate-meters.ts";
import type { Refusals } from "./intake/rejections.ts";
import { MAX_WAITING, type OutputEvents, startOutput } from "./outputs/output.ts";
import type { Destination } from "./outputs/reconnect.ts";
import { RunBook } from "./run-tracker.ts";
import type { AggregatorStatus, OutputStatus } from "./status.ts";

/** Where readings go, and whether acceptance waits for it. */
export interface OutputPlan extends Destination {
  readonly isRequired: boolean;
}

export interface AggregatorEffects {
  /** Sends a message to whom a route leads. Never fails: who is gone will ask. */
  reply(route: Uint8Array, message: Uint8Array): void;
  /** 16 hexadecimal digits, others each time. */
  newEpoch(): string;
  /** Every required output has ended: there is nothing left to do. */
  onEnded(): void;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Aggregator {
  /** Takes a message, whoever sent it. Resolves when there is room for another one. */
  take(route: Uint8Array, message: Uint8Array): Promise<void>;
  status(): Omit<AggregatorStatus, "endpoint">;
  /** Ends when what is in hand is written, after `graceMs` in any case. */
  close(graceMs: number): Promise<void>;
}

/** What an output that is not required gets of the time to end, ms. */
const EXTRA_GRACE_MS = 100;

/** Checks, drops repeats, hands to every output, acknowledges. */
export function startAggregator(
  plans: readonly OutputPlan[],
  settleMs: number,
  { reply, newEpoch, onEnded, refusals, clock, log }: AggregatorEffects,
): Aggregator {
  const required = plans.filter(({ isRequired }) => isRequired);
  const book = new RunBook(required.length, newEpoch);
  const watchNames = createNameWatch(log);
  let taken = 0;
  let repeated = 0;
  let isClosing = false;
  let onRoom = () => {};

  const outputs = plans.map((plan) => {
    const events = plan.isRequired ? eventsOf(required.indexOf(plan)) : eventsOfExtra(plan);
    return startOutput(plan, settleMs, events, clock, log);
  });
  const requiredOutputs = outputs.filter((_, i) => plans[i]?.isRequired);

  function eventsOf(output: number): OutputEvents {
    return {
      written(batches, isKept) {
        const current = batches.filter((batch) => book.written(output, batch));
        if (isKept) book.settled(output, book.unsettled(output));
        tell(new Set(current.map(({ run }) => run)));
      },
      unsettled: () => book.unsettled(output),
      settled(progress) {
        book.settled(output, progress);
        tell(progress.keys());
      },
      lagging(isLagging) {
        book.setLagging(output, isLagging);
        tell(book.runs);
      },
      returned() {
        book.startEpoch();
        for (const each of requiredOutputs) each.forget();
        tell(book.runs);
      },
      ended: onEnded,
    };
  }

  /** Nothing waits for an output that is not required, and what it misses it has missed. */
  function eventsOfExtra({ name }: OutputPlan): OutputEvents {
    return {
      written() {},
      unsettled: () => new Map(),
      settled() {},
      lagging() {},
      returned: () => log.warn(`${name}: was away or too slow; it lacks rows`),
      ended() {},
    };
  }

  function tell(runs: Iterable<string>) {
    for (const run of runs) {
      const answer = book.acknowledgement(run);
      if (answer) reply(answer.route, encodeAcknowledgement(answer.ack));
    }
    if (hasRoom()) onRoom();
  }
  function hasRoom() {
    return requiredOutputs.every((output, i) => !book.setsPace(i) || output.waiting < MAX_WAITING / 2);
  }
  function decode(route: Uint8Array, message: Uint8Array): Delivery | undefined {
    try {
      return decodeDelivery(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      refusals.count(error.fault, error.message);
      if (error.fault === "version") reply(route, encodeVersionNotice());
      return undefined;
    }
  }

  return {
    async take(route, message) {
      if (isClosing) return;
      const delivery = decode(route, message);
      if (!delivery) return;
      watchNames(delivery.origin);
      const batch = book.take(delivery, route);
      const fresh = batch?.readings.length ?? 0;
      taken += fresh;
      repeated += delivery.readings.length - fresh;
      if (batch) for (const output of outputs) output.offer(batch);
      tell([delivery.origin.run]);
      if (hasRoom()) return;
      await new Promise<void>((resolve) => {
        onRoom = resolve;
      });
    },
    status() {
      const { epoch, runs, meters } = book;
      const ofOutputs = plans.flatMap((plan, i): OutputStatus[] => {
        const { name, isRequired } = plan;
        const output = outputs[i];
        if (!output) return [];
        const { state, written, waiting } = output;
        const unsettled = isRequired ? book.unsettledCount(required.indexOf(plan)) : 0;
        return [{ name, isRequired, state, written, waiting, unsettled }];
      });
      const seen = { meters: meters.size, runs: runs.length };
      return { ...seen, taken, repeated, refused: refusals.total, epoch, outputs: ofOutputs };
    },
    async close(graceMs) {
      isClosing = true;
      onRoom();
      await Promise.all(outputs.map((output, i) => output.close(plans[i]?.isRequired ? graceMs : EXTRA_GRACE_MS)));
    },
  };
}
