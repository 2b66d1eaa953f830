import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { FeedEvents } from "../../../../common/wire/feed-subscriber.ts";
import { WireError } from "../../../../common/wire/wire-error.ts";
import { watchFeed } from "../../../../control/commands/watch.ts";
import { readingOf } from "../../../support/reading.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const START = Date.UTC(2026, 10, 27, 12);
const FEED = "ipc:///nowhere/live.sock";

interface Step {
  readonly afterMs: number;
  run(events: FeedEvents): void;
}

interface Settings {
  readonly steps?: readonly Step[];
  readonly untilMs: number;
  readonly feed?: string;
  readonly json?: boolean;
  readonly meter?: string;
  readonly isTerminal?: boolean;
}

/** Watches a feed that follows a schedule. */
async function watched({ steps = [], untilMs, feed = FEED, json = false, meter, isTerminal = false }: Settings) {
  const clock = virtualClock(START);
  const stop = new AbortController();
  const printed: string[] = [];
  const logged: string[] = [];
  const stdout = new PassThrough({ encoding: "utf8" });
  const drawn: string[] = [];
  stdout.on("data", (text: string) => drawn.push(text));
  let closed = 0;
  const write = (message: string) => void logged.push(message);
  for (const { afterMs, run } of steps) void clock.sleep(afterMs).then(() => run(events));
  let events: FeedEvents;
  void clock.sleep(untilMs).then(() => stop.abort());
  await watchFeed(
    { feed, json, meter },
    {
      subscribe(_feed, given) {
        events = given;
        return {
          rejected: 0,
          close() {
            closed += 1;
          },
        };
      },
      clock,
      stop: stop.signal,
      print: (text) => void printed.push(text),
      stdout,
      terminal: () => (isTerminal ? { rows: 24, columns: 120 } : undefined),
      createLog: () => ({ error: write, warn: write, info: write, debug: write }),
    },
  );
  assert.equal(closed, 1);
  return { printed, logged, drawn };
}

const connect: Step = { afterMs: 100, run: (events) => events.state("connected") };
const receive = (afterMs: number, seq: number, meter = "house", site?: string): Step => ({
  afterMs,
  run: (events) =>
    events.reading(
      readingOf(seq, {
        meter,
        ...(site !== undefined && { site }),
        takenAt: START + afterMs,
        sample: { volts: 13.3, online: 1 },
      }),
    ),
});

test("a reading is a line of JSON in the shape of the feed, once", async () => {
  const steps = [connect, receive(200, 1), receive(200, 1), receive(1_200, 2)];
  const { printed, logged } = await watched({ json: true, steps, untilMs: 5_000 });
  const { takenAt, ...reading } = readingOf(1, { meter: "house", sample: { volts: 13.3, online: 1 } });
  assert.deepEqual(
    printed.map((line) => JSON.parse(line)),
    [
      { v: 1, ...reading, at: START + 200 },
      { v: 1, ...reading, seq: 2, at: START + 1_200 },
    ],
  );
  assert.ok(printed.every((line) => line.endsWith("}\n")));
  assert.deepEqual(logged, []);
});

test("one meter is watched alone, whatever the others are called", async () => {
  const steps = [connect, receive(200, 1, "house2"), receive(300, 1)];
  const { printed } = await watched({ meter: "house", steps, untilMs: 1_000 });
  assert.deepEqual(printed, ["2026-11-27T12:00:00.300Z  house  13.30 V\n"]);
});

test("meters of the same name at two sites are watched by their name, or one by its full name", async () => {
  const steps = [connect, receive(200, 1, "house", "shed"), receive(300, 1, "house", "boat"), receive(400, 1)];
  const lines = [
    "2026-11-27T12:00:00.200Z  shed/house  13.30 V\n",
    "2026-11-27T12:00:00.300Z  boat/house  13.30 V\n",
    "2026-11-27T12:00:00.400Z  house  13.30 V\n",
  ];
  assert.deepEqual((await watched({ meter: "house", steps, untilMs: 1_000 })).printed, lines);
  assert.deepEqual((await watched({ meter: "boat/house", steps, untilMs: 1_000 })).printed, [lines[1]]);
  const { drawn } = await watched({ isTerminal: true, steps, untilMs: 1_000 });
  assert.match(drawn.at(-1) ?? "", /boat\/house {2}live(.|\n)*house {2,}live(.|\n)*shed\/house {2}live/);
});

test("on a terminal the row of a meter grows old when its readings end", async () => {
  const steps = [connect, ...[1, 2, 3, 4].map((seq) => receive(seq * 1_000, seq))];
  const { drawn, printed } = await watched({ isTerminal: true, steps, untilMs: 60_000 });
  assert.match(drawn.find((text) => text.includes("house")) ?? "", /house {2}live {3}13\.30 V/);
  assert.match(drawn.at(-1) ?? "", /house {2}stale, 5[56] s old {2}\(13\.30 V\)/);
  assert.deepEqual(printed, []);
});

test("an absent feed is one line with what to do, again after each connection", async () => {
  const lost: Step = { afterMs: 10_000, run: (events) => events.state("away") };
  const { logged } = await watched({
    steps: [{ ...connect, afterMs: 5_000 }, receive(5_100, 1), lost],
    untilMs: 60_000,
  });
  const line = `waiting for an aggregator at ${FEED}: sudo systemctl start bms-aggregator, or choose another --feed`;
  assert.deepEqual(logged, [line, line]);
});

test("on a terminal the absent feed is reported in place of the table, until it is there", async () => {
  const { drawn, logged } = await watched({
    isTerminal: true,
    steps: [{ ...connect, afterMs: 5_000 }],
    untilMs: 6_000,
  });
  assert.equal(drawn.filter((text) => text.includes("waiting for an aggregator at")).length, 6);
  assert.doesNotMatch(drawn.at(-1) ?? "", /\w{3}/);
  assert.deepEqual(logged, []);
});

test("a feed without readings is reported, with the meter that is waited for", async () => {
  const { logged } = await watched({ meter: "solar", steps: [connect, receive(200, 1)], untilMs: 9_000 });
  assert.deepEqual(logged, [
    'connected, waiting for a reading of "solar": bmsctl list shows the batteries that are set up',
  ]);
});

test("a feed that is closed to this user names the group", {
  skip: process.getuid?.() === 0 && "root may open it",
}, async (t: TestContext) => {
  const path = join(await temporaryFolder(t), "live.sock");
  writeFileSync(path, "");
  chmodSync(path, 0o000);
  const { logged } = await watched({ feed: `ipc://${path}`, untilMs: 5_000 });
  assert.match(logged.join(), /is closed to this user: use sudo, or join the group bms/);
});

test("a listener that is not trusted, and a message that is damaged, are each reported once", async () => {
  const steps: Step[] = [
    { afterMs: 100, run: (events) => events.refused("it runs as another user (uid 1666)") },
    { afterMs: 200, run: (events) => events.rejected(new WireError("version", "feed version 2, expected 1")) },
  ];
  const { logged } = await watched({ steps, untilMs: 20_000 });
  assert.deepEqual(logged, [
    "a message is ignored: feed version 2, expected 1",
    `${FEED} is not connected to: it runs as another user (uid 1666)`,
  ]);
});
