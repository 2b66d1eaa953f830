import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { openOutbox } from "../../../../agent/outbox/outbox.ts";
import { openTiers } from "../../../../agent/outbox/tiers.ts";
import type { LinkEvents } from "../../../../agent/outbox/zeromq-client.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { decodeDelivery, encodeAcknowledgement } from "../../../../common/wire/messages.ts";
import { readingOf } from "../../../support/reading.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const UNSET = Date.UTC(2021, 0, 1);
/** Unix time less uptime. */
const OFFSET = Date.UTC(2026, 0, 1);

/** An agent's outbox on two tiers; `sent` is what it sends, without repeats: run, number and time. */
async function start(t: TestContext, folder: string, bootId: string) {
  const deps = { clock: virtualClock(), log: silentLog };
  const tiers = await openTiers(
    { runtimeDirectory: `${folder}/runtime`, spool: { folder: `${folder}/disk`, when: "away" } },
    deps,
  );
  const sent = new Set<string>();
  let events: LinkEvents | undefined;
  const outbox = openOutbox({
    ...deps,
    tiers,
    bootId,
    connect(theirs) {
      events = theirs;
      return {
        endpoint: "ipc:///readings.sock",
        async send(message) {
          const { origin, readings, from } = decodeDelivery(message);
          for (const { seq, takenAt } of readings) sent.add(`${origin.run.slice(0, 1)}${seq} ${takenAt}`);
          const none = { credit: from - 1, accepted: from - 1, settled: from - 1 };
          if (readings.length === 0)
            events?.message(encodeAcknowledgement({ epoch: "0000000000000001", run: origin.run, ...none }));
        },
        close() {},
      };
    },
  });
  t.after(() => outbox.close(0));
  return {
    outbox,
    sent: () => [...sent],
    clock: deps.clock,
    async deliver() {
      events?.up();
      for (let i = 0; i < 50; i += 1) await Promise.resolve();
    },
    async kill() {
      await tiers.runtime?.close();
      await tiers.disk?.close();
    },
  };
}

for (const isOnDisk of [false, true]) {
  test(`a reading taken before the clock was set gets its time from the next agent of the same boot, from ${isOnDisk ? "disk" : "tmpfs"}`, async (t) => {
    const folder = await temporaryFolder(t);
    const first = await start(t, folder, "boot-1");
    first.outbox.hold();
    first.outbox.put(readingOf(1, { run: "a".repeat(16), takenAt: UNSET }), 20_000.25);
    first.outbox.put(readingOf(2, { run: "a".repeat(16), takenAt: UNSET + 10_000 }), 30_000.25);
    await first.deliver();
    assert.deepEqual([first.sent(), first.outbox.backlog], [[], 2]);
    if (isOnDisk) first.outbox.flush();
    await first.kill();

    const second = await start(t, folder, "boot-1");
    second.outbox.hold();
    second.outbox.put(readingOf(1, { run: "b".repeat(16), takenAt: UNSET }), 60_000);
    await second.deliver();
    assert.deepEqual(second.sent(), []);
    second.outbox.correctTimes(OFFSET);
    await second.deliver();
    assert.deepEqual(second.sent(), [`a1 ${OFFSET + 20_000}`, `a2 ${OFFSET + 30_000}`, `b1 ${OFFSET + 60_000}`]);
    second.outbox.correctTimes(OFFSET + 5_000);
    await second.kill();
    const third = await start(t, folder, "boot-1");
    await third.deliver();
    assert.deepEqual(third.sent(), second.sent(), "what was sent keeps its time, also over a restart");
    await third.kill();
  });
}

test("a reading of another boot keeps its time, unless no aggregator would accept it", async (t) => {
  const folder = await temporaryFolder(t);
  const first = await start(t, folder, "boot-1");
  first.outbox.hold();
  first.outbox.put(readingOf(1, { run: "a".repeat(16), takenAt: 5_000 }), 5_000);
  first.outbox.put(readingOf(2, { run: "a".repeat(16), takenAt: UNSET }), 6_000);
  first.outbox.flush();
  await first.kill();
  const second = await start(t, folder, "boot-2");
  second.outbox.correctTimes(OFFSET);
  await second.deliver();
  assert.deepEqual([second.sent(), second.outbox.dropped], [[`a2 ${UNSET}`], 1]);
  await second.kill();
});
