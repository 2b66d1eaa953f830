import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Clock, virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { enterService } from "../../../../common/systemd/service.ts";

/** One run after the other under a service manager that hears nothing; each dies unless it leaves in order. */
async function withRuns(
  check: (run: (stop?: AbortSignal) => ReturnType<typeof enterService>, clock: Clock) => Promise<void>,
) {
  const folder = mkdtempSync(join(tmpdir(), "bms-service-"));
  const clock = virtualClock();
  const log = silentLog;
  const env = { NOTIFY_SOCKET: `@bms-test-${randomUUID()}`, RUNTIME_DIRECTORY: folder };
  try {
    await check((stop = new AbortController().signal) => enterService(env, clock, log, stop), clock);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a run that follows many that died young waits, longer each time", async () => {
  await withRuns(async (run, clock) => {
    const waited: number[] = [];
    for (let died = 0; died < 7; died++) {
      const before = clock.monotonic();
      await run();
      waited.push(clock.monotonic() - before);
    }
    assert.deepEqual(waited, [0, 0, 0, 0, 4_000, 8_000, 16_000]);
  });
});

test("after an end in order the next run begins at once, also where it was told to end while it waited", async () => {
  await withRuns(async (run, clock) => {
    for (let died = 0; died < 6; died++) await run();
    const stop = new AbortController();
    const waiting = run(stop.signal);
    stop.abort(new Error("stopped"));
    await assert.rejects(waiting, /stopped/);
    (await run()).leave();
    const before = clock.monotonic();
    await run();
    assert.equal(clock.monotonic(), before);
  });
});

test("on a terminal nothing is counted", async () => {
  await withRuns(async (_, clock) => {
    const log = silentLog;
    for (let died = 0; died < 6; died++) await enterService({}, clock, log, new AbortController().signal);
    assert.equal(clock.monotonic(), 0);
  });
});
