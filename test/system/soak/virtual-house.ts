import { join } from "node:path";
import { createTimekeeper } from "../../../agent/clock/timekeeper.ts";
import { jbd } from "../../../agent/drivers/jbd/jbd.ts";
import { openOutbox } from "../../../agent/outbox/outbox.ts";
import { openTiers } from "../../../agent/outbox/tiers.ts";
import type { LinkEvents } from "../../../agent/outbox/zeromq-client.ts";
import { runAgent } from "../../../agent/polling/agent.ts";
import type { Radio } from "../../../agent/radio/radio.ts";
import { type Aggregator, startAggregator } from "../../../aggregator/aggregator.ts";
import { createRejections } from "../../../aggregator/intake/rejections.ts";
import { SinkError } from "../../../aggregator/outputs/sink.ts";
import type { Reading } from "../../../common/model/reading.ts";
import { type Row, toReading } from "../../../common/model/row.ts";
import { type Clock, virtualClock } from "../../../common/runtime/clock.ts";
import { silentLog as log } from "../../../common/runtime/log.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { inProcessLink } from "../../support/in-process-link.ts";

const ADDRESS = "A4:C1:37:00:00:01";
const RUN = "0123456789abcdef";
const START_MS = 1_700_000_000_000;
const SETTLE_MS = 30_000;
/** A time service keeps the clock. */
const CONFIRMED = { wallMs: START_MS, uptimeMs: 0, isSynchronised: true, isMarked: false, rtcMs: undefined };

/** An agent, an aggregator and a receiver in this process, on a virtual clock: everything real but radio, sockets and time. */
export interface VirtualHouse {
  readonly clock: Clock;
  /** Readings taken so far. */
  readonly taken: number;
  readonly unsettled: number;
  /** The receiver, as Telegraf: it is lost, and refuses connections until it is back. */
  setReceiverAway(isAway: boolean): void;
  /** The aggregator is killed; a new one starts after `ms`. */
  restartAggregator(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** `folder` holds both tiers of the agent's spool. `onWritten` receives each reading that the receiver has got, repeats included. */
export async function startVirtualHouse(
  folder: string,
  periodMs: number,
  onWritten: (reading: Reading) => void,
): Promise<VirtualHouse> {
  const clock = virtualClock(START_MS);
  const receiver = createReceiver(onWritten);
  const link = createLink();
  let epochs = 0;
  const startNext = () =>
    startAggregator([{ name: "telegraf", isRequired: true, open: receiver.open }], SETTLE_MS, {
      reply: link.reply,
      newEpoch: () => (++epochs).toString(16).padStart(16, "0"),
      onEnded() {},
      rejections: createRejections(clock, log),
      clock,
      log,
    });
  link.attach(startNext());

  const outbox = openOutbox({
    connect: link.connect,
    clock,
    log,
    tiers: await openTiers(
      { runtimeDirectory: join(folder, "run"), spool: { folder: join(folder, "spool"), when: "away" } },
      { clock, log },
    ),
  });
  const stop = new AbortController();
  const timekeeper = createTimekeeper({}, { clock, readEvidence: async () => CONFIRMED, outbox, log });
  void timekeeper.watch(stop.signal);
  let taken = 0;
  const plan = {
    address: ADDRESS,
    drivers: [jbd],
    settings: {},
    periodMs,
    meter: "bms",
    run: RUN,
    once: false,
  } as const;
  const running = runAgent(
    plan,
    {
      radio: simulatedRadio(clock),
      clock,
      timekeeper,
      random: () => 0.5,
      outbox,
      log,
      onPoll() {},
      onReading(reading, uptimeMs) {
        taken += 1;
        outbox.put(reading, uptimeMs);
      },
    },
    stop.signal,
  );
  return {
    clock,
    get taken() {
      return taken;
    },
    get unsettled() {
      return outbox.unsettled;
    },
    setReceiverAway: receiver.setAway,
    async restartAggregator(ms) {
      link.detach();
      await clock.sleep(ms);
      link.attach(startNext());
    },
    async close() {
      stop.abort();
      await running;
      await clock.sleep(2 * SETTLE_MS);
      await outbox.close(0);
      await link.detach()?.close(0);
    },
  };
}

function simulatedRadio(clock: Clock): Radio {
  const { devices } = createSimulator({
    clock,
    seed: "soak",
    devices: [{ address: ADDRESS, kind: "jbd16" }],
    onAnswer() {},
  });
  return {
    async *scan() {},
    async *listen() {},
    async connect() {
      const [device] = devices;
      if (!device) throw new Error("the simulator lacks its only device");
      return inProcessLink(device, clock);
    },
    async close() {},
  };
}

/** A receiver that reads everything at once, and confirms it, unless it is away. */
function createReceiver(onWritten: (reading: Reading) => void) {
  let isAway = false;
  let loss = new AbortController();
  return {
    setAway(away: boolean) {
      isAway = away;
      if (away) loss.abort(new SinkError("the receiver has closed"));
    },
    async open() {
      if (isAway) throw new SinkError("nobody listens");
      const own = new AbortController();
      loss = own;
      return {
        lost: own.signal,
        async write(readings: readonly Row[]) {
          own.signal.throwIfAborted();
          for (const row of readings) onWritten(toReading(row));
        },
        async beginReceipt() {
          own.signal.throwIfAborted();
          return { read: Promise.resolve() };
        },
        close: () => own.abort(new SinkError("closed")),
      };
    },
  };
}

/** Links an outbox to the aggregator that is attached, in memory. */
function createLink() {
  const route = new Uint8Array([1]);
  let aggregator: Aggregator | undefined;
  let events: LinkEvents | undefined;
  return {
    connect(theirs: LinkEvents) {
      events = theirs;
      if (aggregator) queueMicrotask(() => theirs.up());
      return {
        endpoint: "virtual",
        send: async (message: Uint8Array) => aggregator?.receive(route, message),
        close() {
          events = undefined;
        },
      };
    },
    reply: (_: Uint8Array, message: Uint8Array) => queueMicrotask(() => events?.message(message)),
    attach(next: Aggregator) {
      aggregator = next;
      events?.up();
    },
    detach() {
      const detached = aggregator;
      aggregator = undefined;
      events?.down();
      return detached;
    },
  };
}
