import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { type TurnTimes, turnsAt } from "../../../../../agent/radio/sharing/lease.ts";

const never = new AbortController().signal;
/** Long enough for a process that starts, short enough to wait for. */
const TIMES: Partial<TurnTimes> = { holdMs: 60_000, passOverMs: 300, greetMs: 100, stepMs: 5 };

const newThing = () => `test ${randomUUID()}`;

/** Another process that has taken the turn at `thing`. */
async function holder(t: TestContext, thing: string, times: Partial<TurnTimes>) {
  const program = join(import.meta.dirname, "../../../../support/lease-holder.ts");
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", program, thing, JSON.stringify(times)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [first] = await once(lines, "line");
  assert.equal(first, "taken");
  return { child, lines };
}

/** Takes the turn in `agents` places, `rounds` times each, and fails when two have it together. */
async function contend(thing: string, agents: number, rounds: number, onRound: (round: number) => void = () => {}) {
  let holders = 0;
  const agent = async () => {
    const turns = turnsAt(thing, TIMES);
    for (let round = 0; round < rounds; round++) {
      const turn = await turns.take(never);
      holders += 1;
      assert.equal(holders, 1);
      onRound(round);
      await new Promise(setImmediate);
      holders -= 1;
      await turn.release();
    }
    turns.close();
  };
  await Promise.all(Array.from({ length: agents }, agent));
}

test("of many that want it again and again no two ever have it together", async () => {
  await contend(newThing(), 6, 10);
});

test("a turn that is held too long ends by itself", async () => {
  const turns = turnsAt(newThing(), { ...TIMES, holdMs: 20 });
  const turn = await turns.take(never);
  if (!turn.over.aborted) await once(turn.over, "abort");
  assert.equal(turn.isMine(), false);
  await (await turns.take(never)).release();
});

test("a holder is told when another begins to wait", async () => {
  const turns = turnsAt(newThing(), TIMES);
  const turn = await turns.take(never);
  assert.equal(turn.wanted.aborted, false);
  const next = turns.take(never);
  await once(turn.wanted, "abort");
  await turn.release();
  await (await next).release();
});

test("waiting ends with the signal's reason", async () => {
  const turns = turnsAt(newThing(), TIMES);
  const turn = await turns.take(never);
  const impatient = new AbortController();
  const waiting = turns.take(impatient.signal);
  impatient.abort(new Error("no time"));
  await assert.rejects(waiting, /no time/);
  await assert.rejects(turns.take(impatient.signal), /no time/);
  await turn.release();
});

test("a holder that is killed leaves its turn to the next", async (t) => {
  const thing = newThing();
  const { child } = await holder(t, thing, { holdMs: 60_000 });
  const waiting = turnsAt(thing, { ...TIMES, passOverMs: 60_000 }).take(never);
  child.kill("SIGKILL");
  await (await waiting).release();
});

test("a frozen holder is passed over, and gives up when it wakes", async (t) => {
  const thing = newThing();
  const { child, lines } = await holder(t, thing, { holdMs: 100 });
  child.kill("SIGSTOP");
  const turns = turnsAt(thing, TIMES);
  await (await turns.take(never)).release();

  const said = once(lines, "line");
  child.kill("SIGCONT");
  assert.deepEqual(await said, ["over, mine: false"]);
  await (await turns.take(never)).release();
  turns.close();
});

test("while a holder is frozen and when it wakes, no two others have the turn together", async (t) => {
  const thing = newThing();
  const { child } = await holder(t, thing, { holdMs: 100 });
  child.kill("SIGSTOP");
  await contend(thing, 4, 4, (round) => {
    if (round === 2) child.kill("SIGCONT");
  });
});
