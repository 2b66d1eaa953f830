import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ClockEvidence } from "../../agent/clock/clock-state.ts";
import { createTimekeeper } from "../../agent/clock/timekeeper.ts";
import { type Outbox, openOutbox } from "../../agent/outbox/outbox.ts";
import { openTiers } from "../../agent/outbox/tiers.ts";
import type { LinkEvents } from "../../agent/outbox/zeromq-client.ts";
import { virtualClock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { decodeDelivery, encodeAcknowledgement } from "../../common/wire/messages.ts";
import { fc } from "../support/property.ts";
import { readingOf } from "../support/reading.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// The timekeeper over the real outbox and spool, on a machine in virtual time.

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const TEN_YEARS = 10 * 365.25 * 24 * HOUR;

interface Row {
  readonly takenAt: number;
  /** The true time at which it was taken. */
  readonly trueMs: number;
  /** Distances of the wall clock ahead of the true time: when the row was sent, and, for a row of an earlier agent, when agents ended. */
  readonly errorsMs: readonly number[];
}

type Step = Partial<{ poll: number; setTo: number; sleep: number; away: boolean; restart: true; synchronised: true }>;

/** A machine with one agent, whose battery answers whenever the test polls. */
async function boot(t: Pick<TestContext, "after">, { errorMs = 0, isSynchronised = true, uptimeMs = 0 } = {}) {
  const steady = virtualClock(START);
  const world = { errorMs, isSynchronised, asleepMs: 0, isAway: false, boot: "1" };
  const uptime = () => uptimeMs + steady.uptime() + world.asleepMs;
  const trueNow = () => START + steady.uptime() + world.asleepMs;
  const clock = { ...steady, uptime, now: () => Math.floor(trueNow() + world.errorMs) };
  const runtimeDirectory = await temporaryFolder(t as TestContext);
  const logged: string[] = [];
  const write = (line: string) => logged.push(line);
  const log: Log = { error: write, warn: write, info: write, debug: () => {} };
  const rows = new Map<string, Row>();
  const taken = new Map<string, number>();
  const endErrors: number[] = [];
  let agent: Awaited<ReturnType<typeof start>>;
  let runs = 0;

  /** An aggregator that accepts everything at once, while it is there. */
  function connect(events: LinkEvents) {
    let isClosed = false;
    void (async () => {
      for (let isUp = false; !isClosed; await clock.sleep(100)) {
        if (isUp === !world.isAway) continue;
        isUp = !isUp;
        if (isUp) events.up();
        else events.down();
      }
    })();
    return {
      endpoint: "ipc:///readings.sock",
      async send(message: Uint8Array) {
        if (world.isAway) return;
        const { origin, readings, from } = decodeDelivery(message);
        for (const { seq, takenAt } of readings) {
          const key = `${origin.run} ${seq}`;
          assert.ok(!rows.has(key) || rows.get(key)?.takenAt === takenAt, "final once sent");
          const isOfEarlier = origin.run !== agent.run;
          const errorsMs = [world.errorMs, ...(isOfEarlier ? endErrors : [])];
          if (!rows.has(key)) rows.set(key, { takenAt, trueMs: taken.get(key) ?? 0, errorsMs });
        }
        const last = readings.at(-1)?.seq ?? from - 1;
        const ack = { epoch: "0000000000000001", run: origin.run, credit: last, accepted: last, settled: last };
        setImmediate(() => !isClosed && events.message(encodeAcknowledgement(ack)));
      },
      close() {
        isClosed = true;
      },
    };
  }
  async function start() {
    runs += 1;
    const run = runs.toString(16).padStart(16, "0");
    const tiers = await openTiers({ runtimeDirectory, spool: undefined }, { clock, log });
    const outbox: Outbox = openOutbox({ connect, clock, log, tiers, bootId: world.boot });
    const readEvidence = async (): Promise<ClockEvidence> => ({
      wallMs: clock.now(),
      uptimeMs: uptime(),
      isSynchronised: world.isSynchronised,
      isMarked: false,
      rtcMs: undefined,
    });
    const timekeeper = createTimekeeper({}, { clock, readEvidence, outbox, log });
    const stop = new AbortController();
    const watching = timekeeper.watch(stop.signal);
    return { run, outbox, timekeeper, stop, watching, seq: 0 };
  }
  async function end() {
    endErrors.push(world.errorMs);
    agent.stop.abort();
    await agent.watching;
    await agent.outbox.close(0);
  }
  function poll() {
    agent.seq += 1;
    const { run, seq, timekeeper, outbox } = agent;
    taken.set(`${run} ${seq}`, trueNow());
    const { takenAt, uptimeMs } = timekeeper.momentOf(clock.monotonic());
    outbox.put(readingOf(seq, { meter: "bms", run, takenAt }), uptimeMs);
  }
  async function restart() {
    await end();
    agent = await start();
  }
  agent = await start();
  return {
    clock,
    world,
    logged,
    poll,
    restart,
    async take(step: Step) {
      world.errorMs = step.setTo ?? world.errorMs;
      world.asleepMs += step.sleep ?? 0;
      world.isAway = step.away ?? world.isAway;
      world.isSynchronised ||= step.synchronised ?? false;
      if (step.restart) await restart();
      await clock.sleep(step.poll ?? 2_100);
      if (step.poll) poll();
      // Whoever is there has received it before the clock is set.
      await clock.sleep(250);
    },
    /** The rows, after the aggregator has been there for a while. */
    async finish() {
      world.isAway = false;
      world.isSynchronised = true;
      await clock.sleep(200_000);
      const { backlog, dropped } = agent.outbox;
      await end();
      return { rows: [...rows.values()], missing: taken.size - rows.size, backlog, dropped };
    },
  };
}

const STEPS = fc.constantFrom(
  { poll: 10_000 },
  { poll: 500 },
  { poll: 1_234.5 },
  { setTo: -HOUR },
  { setTo: TEN_YEARS },
  { setTo: -5_000 },
  { setTo: 0 },
  { sleep: 90_000 },
  { away: true },
  { away: false },
  { restart: true },
  { synchronised: true },
);

test("whatever the clock does, a row has the time at which it was taken, by the clock of the moment when it was sent", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(STEPS, { minLength: 5, maxLength: 40 }),
      fc.constantFrom(-HOUR, 0, TEN_YEARS, 10_000 - START),
      fc.boolean(),
      async (steps: readonly Step[], errorMs, isSynchronised) => {
        const machine = await boot(t, { errorMs, isSynchronised });
        const { world } = machine;
        for (const step of steps) await machine.take(step);
        if (world.errorMs < -START / 2) world.errorMs = 0;
        const { rows, missing, backlog, dropped } = await machine.finish();
        assert.deepEqual({ missing, backlog, dropped }, { missing: 0, backlog: 0, dropped: 0 });
        for (const { takenAt, trueMs, errorsMs } of rows) {
          // What an earlier agent left may have been sent by it, so it keeps its time, unless it was held.
          const offMs = Math.min(...errorsMs.map((errorMs) => Math.abs(takenAt - trueMs - errorMs)));
          assert.ok(offMs <= 50, `off by ${offMs} ms`);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("what was taken before the clock was set is timed by the next agent of the same boot", async (t) => {
  const machine = await boot(t, { errorMs: 10_000 - START, isSynchronised: false });
  await machine.clock.sleep(1_000);
  machine.poll();
  await machine.restart();
  machine.world.errorMs = 0;
  const { rows, missing, dropped } = await machine.finish();
  assert.deepEqual([missing, dropped], [0, 0]);
  assert.deepEqual(
    rows.map(({ takenAt }) => takenAt - START),
    [1_000],
  );
});

test("in another boot it has no time: a date before 2020 is dropped, counted and logged, and holds up nothing", async (t) => {
  const machine = await boot(t, { errorMs: 10_000 - START, isSynchronised: false });
  machine.poll();
  machine.world.boot = "2";
  machine.world.errorMs = 0;
  await machine.restart();
  machine.poll();
  const { rows, missing, backlog, dropped } = await machine.finish();
  assert.deepEqual({ rows: rows.length, missing, backlog, dropped }, { rows: 1, missing: 1, backlog: 0, dropped: 1 });
  assert.match(
    machine.logged.join(),
    /1 readings are dropped: they were taken in an earlier boot, before the clock was set/,
  );
});
