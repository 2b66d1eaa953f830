import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { type LeaseTimes, leasesOn } from "../../../../../agent/radio/sharing/lease.ts";
import { abstractLocks } from "../../../../../common/runtime/abstract-locks.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";
import { fileLocks } from "../../../../../common/runtime/file-locks.ts";
import type { Locks } from "../../../../../common/runtime/process-lock.ts";
import { temporaryFolder } from "../../../../support/temporary-folder.ts";

const never = new AbortController().signal;
/** Long enough for a process that starts, short enough to wait for. */
const TIMES: Partial<LeaseTimes> = { holdMs: 60_000, passOverMs: 300, acknowledgeMs: 100, stepMs: 5 };

/** A resource that no other test has, with one kind of locks. */
interface Shared {
  readonly resource: string;
  readonly locks: Locks;
  /** Of lock files. */
  readonly directory?: string;
}

const KINDS: ReadonlyArray<readonly [kind: string, share: (t: TestContext) => Promise<Shared>]> = [
  ["abstract sockets", async () => ({ resource: `test ${randomUUID()}`, locks: abstractLocks })],
  [
    "lock files",
    async (t) => {
      const directory = join(await temporaryFolder(t), "locks");
      return { resource: "adapter", locks: fileLocks(directory), directory };
    },
  ],
];

const leases = ({ resource, locks }: Shared, times: Partial<LeaseTimes> = {}) =>
  leasesOn(resource, { ...TIMES, ...times }, { clock: systemClock, locks });

/** Another process that has acquired the lease. */
async function holder(t: TestContext, { resource, directory }: Shared, times: Partial<LeaseTimes>) {
  const program = join(import.meta.dirname, "../../../../support/lease-holder.ts");
  const options = [resource, JSON.stringify(times), ...(directory ? [directory] : [])];
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", program, ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [first] = await once(lines, "line");
  assert.equal(first, "acquired");
  return { child, expiry: once(lines, "line") };
}

/** Acquires the lease from `agents` places, `rounds` times each, and fails when two hold it together. */
async function contend(shared: Shared, agents: number, rounds: number, onRound: (round: number) => void = () => {}) {
  let holders = 0;
  const agent = async () => {
    const ours = leases(shared);
    for (let round = 0; round < rounds; round++) {
      const lease = await ours.acquire(never);
      holders += 1;
      assert.equal(holders, 1);
      onRound(round);
      await new Promise(setImmediate);
      holders -= 1;
      await lease.release();
    }
    ours.close();
  };
  await Promise.all(Array.from({ length: agents }, agent));
}

for (const [kind, share] of KINDS) {
  test(`${kind}: no two of many competing waiters ever hold the lease together`, async (t) => {
    await contend(await share(t), 6, 10);
  });

  test(`${kind}: a lease that is held too long expires`, async (t) => {
    const ours = leases(await share(t), { holdMs: 20 });
    const lease = await ours.acquire(never);
    if (!lease.expired.aborted) await once(lease.expired, "abort");
    assert.equal(lease.isValid(), false);
    await (await ours.acquire(never)).release();
  });

  test(`${kind}: contended aborts when another process begins to wait`, async (t) => {
    const ours = leases(await share(t));
    const lease = await ours.acquire(never);
    assert.equal(lease.contended.aborted, false);
    const next = ours.acquire(never);
    await once(lease.contended, "abort");
    await lease.release();
    await (await next).release();
  });

  test(`${kind}: a wait ends with the signal's reason`, async (t) => {
    const ours = leases(await share(t));
    const lease = await ours.acquire(never);
    const impatient = new AbortController();
    const waiting = ours.acquire(impatient.signal);
    impatient.abort(new Error("no time"));
    await assert.rejects(waiting, /no time/);
    await assert.rejects(ours.acquire(impatient.signal), /no time/);
    await lease.release();
  });

  test(`${kind}: the lease of a killed holder passes to the next waiter`, async (t) => {
    const shared = await share(t);
    const { child } = await holder(t, shared, { holdMs: 60_000 });
    const waiting = leases(shared, { passOverMs: 60_000 }).acquire(never);
    child.kill("SIGKILL");
    await (await waiting).release();
  });

  test(`${kind}: a frozen holder is passed over, and its lease is invalid when it continues`, async (t) => {
    const shared = await share(t);
    const { child, expiry } = await holder(t, shared, { holdMs: 1_000 });
    child.kill("SIGSTOP");
    const ours = leases(shared);
    await (await ours.acquire(never)).release();

    child.kill("SIGCONT");
    assert.deepEqual(await expiry, ["expired, valid: false"]);
    await (await ours.acquire(never)).release();
    ours.close();
  });

  test(`${kind}: while a holder is frozen and when it continues, no two others hold the lease together`, async (t) => {
    const shared = await share(t);
    const { child } = await holder(t, shared, { holdMs: 100 });
    child.kill("SIGSTOP");
    await contend(shared, 4, 4, (round) => {
      if (round === 2) child.kill("SIGCONT");
    });
  });

  test(`${kind}: a visitor that floods the holder is disconnected, and disturbs no waiter`, async (t) => {
    const shared = await share(t);
    const ours = leases(shared);
    const lease = await ours.acquire(never);
    const next = ours.acquire(never);
    const path = shared.locks.socketPath(`lease 0 on ${shared.resource}`);
    for (const words of ["0\n".repeat(100_000), "9".repeat(100_000)]) {
      const visitor = connect({ path });
      const closed = new Promise((resolve) => visitor.once("close", resolve));
      // Some of the words may meet the closed connection.
      visitor
        .on("error", () => {})
        .resume()
        .write(words);
      await closed;
    }
    await lease.release();
    await (await next).release();
  });
}
