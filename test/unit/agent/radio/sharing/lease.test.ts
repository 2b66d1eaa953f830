import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { type LeaseTimes, leasesOn } from "../../../../../agent/radio/sharing/lease.ts";
import { systemClock } from "../../../../../common/runtime/clock.ts";

const never = new AbortController().signal;
/** Long enough for a process that starts, short enough to wait for. */
const TIMES: Partial<LeaseTimes> = { holdMs: 60_000, passOverMs: 300, acknowledgeMs: 100, stepMs: 5 };

const newResource = () => `test ${randomUUID()}`;

/** Another process that has acquired the lease on `resource`. */
async function holder(t: TestContext, resource: string, times: Partial<LeaseTimes>) {
  const program = join(import.meta.dirname, "../../../../support/lease-holder.ts");
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", program, resource, JSON.stringify(times)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [first] = await once(lines, "line");
  assert.equal(first, "acquired");
  return { child, expiry: once(lines, "line") };
}

/** Acquires the lease from `agents` places, `rounds` times each, and fails when two hold it together. */
async function contend(resource: string, agents: number, rounds: number, onRound: (round: number) => void = () => {}) {
  let holders = 0;
  const agent = async () => {
    const leases = leasesOn(resource, systemClock, TIMES);
    for (let round = 0; round < rounds; round++) {
      const lease = await leases.acquire(never);
      holders += 1;
      assert.equal(holders, 1);
      onRound(round);
      await new Promise(setImmediate);
      holders -= 1;
      await lease.release();
    }
    leases.close();
  };
  await Promise.all(Array.from({ length: agents }, agent));
}

test("no two of many competing waiters ever hold the lease together", async () => {
  await contend(newResource(), 6, 10);
});

test("a lease that is held too long expires", async () => {
  const leases = leasesOn(newResource(), systemClock, { ...TIMES, holdMs: 20 });
  const lease = await leases.acquire(never);
  if (!lease.expired.aborted) await once(lease.expired, "abort");
  assert.equal(lease.isValid(), false);
  await (await leases.acquire(never)).release();
});

test("contended aborts when another process begins to wait", async () => {
  const leases = leasesOn(newResource(), systemClock, TIMES);
  const lease = await leases.acquire(never);
  assert.equal(lease.contended.aborted, false);
  const next = leases.acquire(never);
  await once(lease.contended, "abort");
  await lease.release();
  await (await next).release();
});

test("a wait ends with the signal's reason", async () => {
  const leases = leasesOn(newResource(), systemClock, TIMES);
  const lease = await leases.acquire(never);
  const impatient = new AbortController();
  const waiting = leases.acquire(impatient.signal);
  impatient.abort(new Error("no time"));
  await assert.rejects(waiting, /no time/);
  await assert.rejects(leases.acquire(impatient.signal), /no time/);
  await lease.release();
});

test("the lease of a killed holder passes to the next waiter", async (t) => {
  const resource = newResource();
  const { child } = await holder(t, resource, { holdMs: 60_000 });
  const waiting = leasesOn(resource, systemClock, { ...TIMES, passOverMs: 60_000 }).acquire(never);
  child.kill("SIGKILL");
  await (await waiting).release();
});

test("a frozen holder is passed over, and its lease is invalid when it continues", async (t) => {
  const resource = newResource();
  const { child, expiry } = await holder(t, resource, { holdMs: 1_000 });
  child.kill("SIGSTOP");
  const leases = leasesOn(resource, systemClock, TIMES);
  await (await leases.acquire(never)).release();

  child.kill("SIGCONT");
  assert.deepEqual(await expiry, ["expired, valid: false"]);
  await (await leases.acquire(never)).release();
  leases.close();
});

test("while a holder is frozen and when it continues, no two others hold the lease together", async (t) => {
  const resource = newResource();
  const { child } = await holder(t, resource, { holdMs: 100 });
  child.kill("SIGSTOP");
  await contend(resource, 4, 4, (round) => {
    if (round === 2) child.kill("SIGCONT");
  });
});
