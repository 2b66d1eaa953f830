import { LOCAL_HOST } from "../common/hosts/known-hosts.ts";
import { moveCommand } from "../common/hosts/meter-owners.ts";
import { fullName } from "../common/model/site.ts";
import type { Clock } from "../common/runtime/clock.ts";
import { createCondition } from "../common/runtime/condition.ts";
import type { Log } from "../common/runtime/log.ts";
import type { Origin } from "../common/wire/fields.ts";
import {
  type Delivery,
  decodeDelivery,
  encodeAcknowledgement,
  encodeRefusal,
  encodeVersionNotice,
} from "../common/wire/messages.ts";
import { WireError } from "../common/wire/wire-error.ts";
import type { HostLedger } from "./hosts/host-ledger.ts";
import type { Ownership } from "./hosts/ownership.ts";
import { watchDuplicateMeters } from "./intake/duplicate-meters.ts";
import { watchFutureReadings } from "./intake/future-readings.ts";
import type { Rejections } from "./intake/rejections.ts";
import { createObservers, type Observer } from "./observers.ts";
import { MAX_WAITING } from "./outputs/batch-queue.ts";
import { type OutputEvents, startOutput } from "./outputs/output.ts";
import type { Destination } from "./outputs/reconnect.ts";
import { RunTracker } from "./run-tracker.ts";
import type { AggregatorDetails, OutputDetails } from "./status.ts";

/** A destination of readings. `isRequired`: readings are not accepted before it has them. */
export interface OutputPlan extends Destination {
  readonly isRequired: boolean;
}

export interface AggregatorDeps {
  /** Sends a message to the agent at the end of a route. Never fails: an agent that is gone will ask again. */
  reply(route: Uint8Array, message: Uint8Array): void;
  /** Returns 16 hexadecimal digits, different each time. */
  newEpoch(): string;
  /** Every required output has ended: there is nothing left to do. */
  onEnded(): void;
  readonly rejections: Rejections;
  /** Without it a meter belongs to whoever delivers it. */
  readonly ownership?: Ownership;
  readonly hostLedger?: HostLedger;
  readonly observers?: readonly Observer[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface Aggregator {
  /** Processes a message of any sender. Resolves when there is room for another one. `host`: that of the sender. */
  receive(route: Uint8Array, message: Uint8Array, host?: string): Promise<void>;
  details(): AggregatorDetails;
  /** Writes what is queued and closes, after `graceMs` at the latest. */
  close(graceMs: number): Promise<void>;
}

const TOO_MANY_RUNS = "the connection with most runs loses the older half of them; their readings may be repeated";

/** Time that an output which is not required gets to close, ms. */
const OPTIONAL_GRACE_MS = 100;

/** Checks deliveries, drops repeats, passes new readings to every output and observer, and acknowledges. */
export function startAggregator(plans: readonly OutputPlan[], settleMs: number, deps: AggregatorDeps): Aggregator {
  const { reply, newEpoch, onEnded, rejections, ownership, hostLedger, clock, log } = deps;
  const required = plans.filter(({ isRequired }) => isRequired);
  const tracker = new RunTracker(required.length, newEpoch);
  const checkMeter = watchDuplicateMeters(log);
  const future = watchFutureReadings(clock, log);
  const observe = createObservers(deps.observers ?? [], log);
  const room = createCondition();
  /** Runs whose state is to be acknowledged. */
  const due = new Set<string>();
  let readings = 0;
  let repeats = 0;
  let isClosing = false;

  const outputs = plans.map((plan) => {
    const events = plan.isRequired ? requiredEvents(required.indexOf(plan)) : optionalEvents(plan);
    return startOutput(plan, settleMs, { events, clock, log });
  });
  const requiredOutputs = outputs.filter((_, i) => plans[i]?.isRequired);

  function requiredEvents(output: number): OutputEvents {
    return {
      written(batches, isFinal) {
        const current = batches.filter((batch) => tracker.written(output, batch));
        if (isFinal) tracker.settled(output, tracker.unsettled(output));
        acknowledge(new Set(current.map(({ run }) => run)));
      },
      unsettled: () => tracker.unsettled(output),
      settled(progress) {
        acknowledge(tracker.settled(output, progress));
      },
      slow(isSlow) {
        tracker.setSlow(output, isSlow);
        acknowledge(tracker.runs);
      },
      needsResend() {
        tracker.startEpoch();
        for (const each of requiredOutputs) each.clear();
        acknowledge(tracker.runs);
      },
      ended: onEnded,
    };
  }

  /** Nothing waits for an output that is not required, and what it loses is not resent. */
  function optionalEvents({ name }: OutputPlan): OutputEvents {
    return {
      written() {},
      unsettled: () => new Map(),
      settled() {},
      slow() {},
      needsResend: () => log.warn(`${name}: was away or too slow, so rows are missing from it`),
      ended() {},
    };
  }

  /** Once for all that changes in one turn of the event loop: a reading is often received and written in the same one. */
  function acknowledge(runs: Iterable<string>) {
    const isScheduled = due.size > 0;
    for (const run of runs) due.add(run);
    if (!isScheduled && due.size > 0) clock.timer(0, sendAcknowledgements);
    if (hasRoom()) room.notify();
  }
  function sendAcknowledgements() {
    for (const run of due) {
      const route = tracker.senderOf(run);
      const acknowledgement = tracker.acknowledgement(run);
      if (route !== undefined && acknowledgement)
        reply(Buffer.from(route, "latin1"), encodeAcknowledgement(acknowledgement));
    }
    due.clear();
  }
  function hasRoom() {
    return requiredOutputs.every((output, i) => !tracker.limitsFlow(i) || output.waiting < MAX_WAITING / 2);
  }
  /** A meter of another host is refused: its readings stay with their agent. */
  function isRefused(route: Uint8Array, origin: Origin, host: string): boolean {
    if (!ownership) return false;
    const meter = fullName(origin);
    const owner = ownership.ownerOf(meter, host);
    if (owner === host) return false;
    if (owner === undefined) {
      rejections.count(
        "meters",
        `host "${host}" has too many meters: remove some from the aggregator's file of meters`,
      );
      return true;
    }
    const remedy = moveCommand(meter, host);
    rejections.count("owner", `meter "${meter}" of host "${host}" belongs to "${owner}": if it has moved, ${remedy}`);
    reply(route, encodeRefusal({ run: origin.run, host, owner }));
    return true;
  }
  function decode(route: Uint8Array, message: Uint8Array): Delivery | undefined {
    try {
      return decodeDelivery(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      rejections.count(error.fault, error.message);
      if (error.fault === "version") reply(route, encodeVersionNotice());
      return undefined;
    }
  }

  return {
    async receive(route, message, host = LOCAL_HOST) {
      if (isClosing) return;
      const delivery = decode(route, message);
      if (!delivery) return;
      const { origin, latest } = delivery;
      if (isRefused(route, origin, host)) return;
      checkMeter(origin);
      const { forgotten } = tracker;
      const batch = tracker.receive(delivery, Buffer.from(route).toString("latin1"));
      if (tracker.forgotten > forgotten) rejections.count("runs", TOO_MANY_RUNS);
      const fresh = batch?.readings.length ?? 0;
      readings += fresh;
      repeats += delivery.readings.length - fresh;
      hostLedger?.record(host, delivery, fresh);
      if (batch) for (const output of outputs) output.offer(batch);
      acknowledge([origin.run]);
      if (batch) {
        future.check(batch.readings);
        observe(batch.readings);
      }
      if (latest) observe([latest]);
      if (!hasRoom()) await room.wait();
    },
    details() {
      const { epoch, runs, meters } = tracker;
      const details = plans.flatMap((plan, i): OutputDetails[] => {
        const { name, isRequired } = plan;
        const output = outputs[i];
        if (!output) return [];
        const { state, written, waiting } = output;
        const unsettled = isRequired ? tracker.unsettledCount(required.indexOf(plan)) : 0;
        return [{ name, isRequired, state, written, waiting, unsettled }];
      });
      const rejected = Object.fromEntries(rejections.totals);
      return {
        meters: meters.size,
        runs: runs.length,
        readings,
        repeats,
        ahead: future.count,
        rejected,
        epoch,
        outputs: details,
      };
    },
    async close(graceMs) {
      isClosing = true;
      room.notify();
      await Promise.all(outputs.map((output, i) => output.close(plans[i]?.isRequired ? graceMs : OPTIONAL_GRACE_MS)));
      sendAcknowledgements();
    },
  };
}
