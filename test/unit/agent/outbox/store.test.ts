import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Entry } from "../../../../agent/outbox/entry.ts";
import { Ledger } from "../../../../agent/outbox/ledger.ts";
import { openSpool } from "../../../../agent/outbox/spool/spool.ts";
import { persist } from "../../../../agent/outbox/spool-policy.ts";
import { ReadingStore } from "../../../../agent/outbox/store.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { entryOf } from "../../../support/entry.ts";
import { failingFiles } from "../../../support/failing-files.ts";
import { fc } from "../../../support/property.ts";

const EPOCH = "0000000000000001";

class Killed extends Error {}

/**
 * Agents one after the other on the same two tiers, which are real files. Each dies at any call of the file system, alone or
 * by a power cut; the test acknowledges what it likes.
 */
function createModel(folder: string) {
  const runtimeFolder = join(folder, "runtime");
  const runtimeFiles = failingFiles();
  const diskFiles = failingFiles();
  const clock = virtualClock();
  let runs = 0;
  let seq = 0;
  let agent: Awaited<ReturnType<typeof start>> | undefined;
  /** Readings whose `add` has returned and that were not settled. */
  let owed = new Set<string>();
  /** Calls until the next kill. */
  let callsLeft = Number.POSITIVE_INFINITY;
  for (const files of [runtimeFiles, diskFiles]) {
    files.beforeCall = () => {
      callsLeft -= 1;
      if (callsLeft < 0) throw new Killed();
    };
  }
  const key = ({ origin, seq: number }: Pick<Entry, "origin" | "seq">) => `${origin.run} ${number}`;

  async function start() {
    const deps = { clock, log: silentLog };
    const runtime = await openSpool(
      runtimeFolder,
      { name: "runtime", syncAfterMs: undefined, fileBytes: 400 },
      { ...deps, fs: runtimeFiles.fs },
    );
    const disk = await openSpool(
      join(folder, "disk"),
      { name: "disk", syncAfterMs: 30_000, fileBytes: 900 },
      { ...deps, fs: diskFiles.fs },
    );
    const store = new ReadingStore({ runtime, disk });
    const ledger = new Ledger({ window: 1_000, messageBytes: 10_000 }, store);
    const found: Entry[] = [];
    for (const entry of store.restore(clock.monotonic())) {
      ledger.restore(entry);
      found.push(entry);
    }
    const persistence = persist("away", { store, ledger, ...deps });
    ledger.linkUp();
    runs += 1;
    seq = 0;
    return { runtime, disk, store, ledger, persistence, found, run: runs.toString(16).padStart(16, "0") };
  }
  /** The process is gone: nothing of it reaches the files any more. */
  async function die() {
    callsLeft = -1;
    agent?.persistence.stop();
    await agent?.runtime.close();
    await agent?.disk.close();
    agent = undefined;
    callsLeft = Number.POSITIVE_INFINITY;
  }
  const present = async () => {
    agent ??= await start();
    return agent;
  };

  return {
    clock,
    runtimeFolder,
    owed: () => owed,
    async take() {
      const { store, ledger, run } = await present();
      seq += 1;
      const entry = entryOf(seq, { run });
      store.add(entry, clock.monotonic());
      if (callsLeft >= 0) owed.add(key(entry));
      ledger.add(entry);
    },
    /** The aggregator accepts everything that it is sent, and settles a part of each run. */
    async acknowledge(share: number) {
      const { ledger } = await present();
      for (let sent = true; sent; ) {
        sent = false;
        while (ledger.next()) sent = true;
        for (const run of new Set([...owed].map((each) => each.slice(0, 16)))) {
          const numbers = [...owed].filter((each) => each.startsWith(run)).map((each) => Number(each.slice(17)));
          const settled = Math.floor(Math.max(...numbers) * share);
          const accepted = Math.max(...numbers);
          if (ledger.oldestHeld(run) === undefined) continue;
          ledger.acknowledged({ epoch: EPOCH, run, credit: accepted, accepted, settled });
          const oldest = ledger.oldestHeld(run) ?? Number.POSITIVE_INFINITY;
          owed = new Set([...owed].filter((each) => !each.startsWith(run) || Number(each.slice(17)) >= oldest));
        }
      }
    },
    async kill(calls: number) {
      await present();
      // A dead process dies no second time.
      callsLeft = Math.min(callsLeft, calls);
    },
    async outage() {
      await present();
      await clock.sleep(11_000);
    },
    /** From here on so many bytes fit on the disk. */
    fillDisk(room: number) {
      diskFiles.room = room;
    },
    /** Reopens after the death, and returns what was taken, not settled and not found. */
    async restart(isPowerCut: boolean): Promise<string[]> {
      await die();
      if (isPowerCut) {
        rmSync(runtimeFolder, { recursive: true, force: true });
        diskFiles.cutPower();
      }
      const { ledger, store, found } = await present();
      const have = new Set(found.map(key));
      assert.equal(have.size, found.length, "a reading in both tiers is one reading");
      assert.equal(ledger.unsettled, found.length);
      for (const entry of found) assert.equal(store.read(entry.origin.run, entry.seq)?.seq, entry.seq);
      const missing = [...owed].filter((each) => !have.has(each));
      if (isPowerCut) for (const each of missing) owed.delete(each);
      return missing;
    },
    async stop() {
      if (callsLeft < 0) return die();
      const { store, persistence } = await present();
      persistence.flush();
      persistence.stop();
      await store.close();
      agent = undefined;
    },
    die,
  };
}

type Model = ReturnType<typeof createModel>;
const step = fc.oneof(
  { weight: 8, arbitrary: fc.constant((model: Model) => model.take()) },
  {
    weight: 2,
    arbitrary: fc.double({ min: 0, max: 1, noNaN: true }).map((share) => (m: Model) => m.acknowledge(share)),
  },
  { weight: 1, arbitrary: fc.constant((model: Model) => model.outage()) },
  { weight: 1, arbitrary: fc.nat(2_000).map((room) => async (model: Model) => model.fillDisk(room)) },
  { weight: 2, arbitrary: fc.nat(12).map((calls) => (model: Model) => model.kill(calls)) },
  { weight: 1, arbitrary: fc.constant((model: Model) => model.stop()) },
  {
    weight: 2,
    arbitrary: fc.constant(async (model: Model) =>
      assert.deepEqual(await model.restart(false), [], "lost by a kill, though it was taken over"),
    ),
  },
);

function temporary(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "bms-store-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

test("killed at any call of the file system, an agent loses nothing that it had taken over", async (t) => {
  const root = temporary(t);
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: "max" }), async (script) => {
      number += 1;
      const model = createModel(join(root, String(number)));
      try {
        for (const run of script) await run(model);
        assert.deepEqual(await model.restart(false), []);
      } finally {
        await model.die();
      }
    }),
    { numRuns: 80 },
  );
});

test("a power cut costs what was not forced to the disk, and nothing else", async (t) => {
  const model = createModel(temporary(t));
  for (let i = 0; i < 5; i += 1) await model.take();
  await model.outage();
  for (let i = 0; i < 3; i += 1) await model.take();
  await model.clock.sleep(31_000);
  await model.take();
  assert.deepEqual(await model.restart(true), ["0000000000000001 9"]);
  await model.die();
});

test("in calm the first tier holds what is not settled, the disk nothing", async (t) => {
  const root = temporary(t);
  const model = createModel(root);
  for (let i = 0; i < 40; i += 1) {
    await model.take();
    await model.acknowledge(0.9);
  }
  assert.deepEqual(readdirSync(join(root, "disk")), []);
  const files = readdirSync(model.runtimeFolder);
  assert.ok(files.length > 0 && files.length <= 4, `${files.length} files of about three readings`);
  await model.acknowledge(1);
  assert.deepEqual(readdirSync(model.runtimeFolder), []);
  await model.die();
});

test("what a disk took only in part stays in the first tier", async (t) => {
  const model = createModel(temporary(t));
  for (let i = 0; i < 40; i += 1) await model.take();
  model.fillDisk(4_000);
  await model.outage();
  assert.deepEqual(await model.restart(false), []);
  await model.die();
});
