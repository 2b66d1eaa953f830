import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "../../intruder/attempt.ts";
import { check, expect } from "./check.ts";
import { mainPid, restarts, run, unit } from "./commands.ts";
import { BATTERIES, INTERVAL_S, NAMES, PASSWORD, PROGRAMS, SHARE } from "./paths.ts";
import { lostNoPoll, newestRows, readingsFlow, rowsOf } from "./rows.ts";

/** Two users without any right on the package, one after the other; the second one is made for this. */
const USERS = ["nobody", "guest"] as const;
/** Two rounds of all attempts: the second one begins before these seconds are over, and is finished. */
const TWO_ROUNDS_S = 90;
/** Of an attempt that goes on for a while; a round takes 80 s. */
const SECONDS_EACH = 5;
const SERVICES = ["bms-aggregator", ...NAMES.map(unit)];
/** Telegraf's flush_interval here. */
const FLUSH_S = 2;
/** From a reading to its row, and to the next reading's: a period, a flush, and the period by which it may be late. */
const LATE_S = INTERVAL_S + FLUSH_S + INTERVAL_S;

/** Other users of the machine attack everything that they can reach, for five minutes in all, beside the running house. */
export async function intruders(): Promise<void> {
  await run("useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", "guest");
  await readingsFlow();
  const state = async () =>
    (await Promise.all(SERVICES.map(async (name) => `${name} ${await mainPid(name)} ${await restarts(name)}`))).join(
      ", ",
    );
  const before = await state();
  const since = Date.now();
  const done = new AbortController();
  const late = watchAge(done.signal);
  const outcomes: Outcome[][] = [];
  for (const user of USERS) outcomes.push(await intrude(user));
  const to = Date.now();

  await check(
    "beside two users who attack no poll is lost",
    async () => `${Math.round((to - since) / 1_000)} s; ${NAMES.map((name) => lostNoPoll(name, since, to)).join("; ")}`,
  );
  await check("no reading is a period late, at its battery or in the database", async () => {
    done.abort();
    const age = await late;
    const gap = Math.max(...NAMES.map((name) => longestGap(name, since, to)));
    const seen = `${gap.toFixed(1)} s from one reading to the next at most, ${age.toFixed(1)} s to its row`;
    expect(gap <= 2 * INTERVAL_S && age <= LATE_S, seen);
    return seen;
  });
  await check("no value of theirs is in the database", async () => {
    const forged = NAMES.flatMap((name) => rowsOf(name)).filter(({ values }) => values.volts === 99.99);
    expect(forged.length === 0, JSON.stringify(forged[0]));
  });
  await check("no service was restarted", async () => {
    const after = await state();
    expect(after === before, `${before}, then ${after}`);
  });
  for (const [at, user] of USERS.entries()) {
    await check(`nothing that ${user} tried had an effect`, async () => {
      const tried = outcomes[at] ?? [];
      const breaches = tried.filter(({ isBreach }) => isBreach);
      expect(
        tried.length > 0 && breaches.length === 0,
        breaches.map(({ name, seen }) => `${name}: ${seen}`).join("; "),
      );
      return `${tried.length} attempts of ${new Set(tried.map(({ name }) => name)).size} kinds`;
    });
  }
  await check("the message bus keeps their messages from the agents, and its journal names the user", async () => {
    const refusal = [
      "--boot",
      "-u",
      "dbus",
      "--output=cat",
      "--lines=1",
      "--grep",
      "Rejected receive message.*uid=65534",
    ];
    expect((await run("journalctl", ...refusal)) !== "", "nothing was refused");
    const arrived = ["--boot", "-u", "bms-agent@*", "--output=cat", "--grep", "of another program on the message bus"];
    const lines = await run("journalctl", ...arrived).catch(() => "");
    expect(lines === "" || lines.includes("No entries"), lines.slice(0, 300));
  });
}

/** Runs the intruder as a user, and returns what became of its attempts. */
async function intrude(user: string): Promise<Outcome[]> {
  const group = user === "nobody" ? "nogroup" : user;
  // Not systemd-run, which waits on the bus that is attacked.
  const rights = ["--reuid", user, "--regid", group, "--clear-groups", "--no-new-privs"];
  const program = [join(PROGRAMS, "node"), join(PROGRAMS, "intruder.js")];
  const known = [
    ...["--seconds", String(TWO_ROUNDS_S), "--seconds-each", String(SECONDS_EACH)],
    ...["--password-hex", Buffer.from(PASSWORD).toString("hex")],
    ...BATTERIES.flatMap(({ name, address }) => ["--agent", name, "--address", address]),
  ];
  const child = spawn("setpriv", [...rights, ...program, ...known], { stdio: ["ignore", "pipe", "inherit"] });
  const outcomes: Outcome[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    outcomes.push(JSON.parse(line) as Outcome);
    appendFileSync(join(SHARE, "intruders"), `${Math.round(uptime())} s ${user} ${line}\n`);
  });
  await once(child, "close");
  return outcomes;
}

/** The greatest age of a battery's newest row until the signal, s. */
async function watchAge(until: AbortSignal): Promise<number> {
  let oldest = 0;
  while (!until.aborted) {
    const newest = newestRows();
    for (const name of NAMES) oldest = Math.max(oldest, (Date.now() - (newest.get(name) ?? 0)) / 1_000);
    await sleep(1_000, undefined, { signal: until }).catch(() => {});
  }
  return oldest;
}

/** Seconds between two readings. */
function longestGap(meter: string, since: number, to: number): number {
  const times = rowsOf(meter)
    .map(({ time }) => time)
    .filter((time) => time >= since && time <= to);
  return Math.max(...times.slice(1).map((time, at) => (time - (times[at] ?? 0)) / 1_000));
}
