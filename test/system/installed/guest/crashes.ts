import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { check, expect } from "./check.ts";
import {
  areActive,
  clearFault,
  eventually,
  recordEvent,
  restarts,
  run,
  setFault,
  systemctl,
  unit,
} from "./commands.ts";
import { NAMES, PROGRAMS } from "./paths.ts";
import { lostNoPoll, measuredSince, readingsFlow } from "./rows.ts";

const OTHERS = ["solar", "inverter"] as const;
const WATCHDOG_S = 20;
/** Lets a signal block the agent's event loop, and systemd notice that soon. */
const DROP_IN_FOLDER = "/run/systemd/system/bms-agent@inverter.service.d";
const DROP_IN = `[Service]
Environment=NODE_OPTIONS=--import=${PROGRAMS}/fault-hooks.js
WatchdogSec=${WATCHDOG_S}
TimeoutStopSec=5
`;

/** One service crashes, blocks or is lent; the others must not be affected. */
export async function crashes(): Promise<void> {
  await killed();
  await lent();
  await watched();
  await check("the aggregator is killed: systemd starts it again, no agent is restarted", async () => {
    const before = await Promise.all(NAMES.map((name) => restarts(unit(name))));
    const killedAt = Date.now();
    await systemctl("kill", "-s", "KILL", "bms-aggregator");
    await readingsFlow();
    const after = await Promise.all(NAMES.map((name) => restarts(unit(name))));
    expect((await restarts("bms-aggregator")) === 1, "systemd has not started it again");
    expect(String(before) === String(after), `restarts: ${before}, then ${after}`);
    return OTHERS.map((name) => lostNoPoll(name, killedAt, Date.now())).join("; ");
  });
  await check("the aggregator is restarted: nothing is lost", async () => {
    const restartedAt = Date.now();
    await systemctl("restart", "bms-aggregator");
    await readingsFlow();
    return NAMES.map((name) => lostNoPoll(name, restartedAt, Date.now())).join("; ");
  });
}

async function killed(): Promise<void> {
  let killedAt = 0;
  const before = await Promise.all(OTHERS.map((name) => restarts(unit(name))));
  await check("an agent is killed: systemd starts it again, and it reads", async () => {
    killedAt = Date.now();
    recordEvent("bms", "killed");
    await systemctl("kill", "-s", "KILL", unit("bms"));
    await eventually("a restart", async () => (await restarts(unit("bms"))) === 1);
    await readingsFlow(["bms"], 1);
    recordEvent("bms", "works");
    return `read again after ${Math.round(((measuredSince("bms", killedAt)[0]?.time ?? 0) - killedAt) / 1000)} s`;
  });
  await check("the other two were not restarted and have lost no poll", async () => {
    await readingsFlow(OTHERS, 1);
    const after = await Promise.all(OTHERS.map((name) => restarts(unit(name))));
    expect(String(before) === String(after), `restarts: ${before}, then ${after}`);
    return OTHERS.map((name) => lostNoPoll(name, killedAt, Date.now())).join("; ");
  });
}

async function lent(): Promise<void> {
  await check("release frees a battery, and list shows it", async () => {
    await run("bmsctl", "release", "solar", "--minutes", "1");
    const table = await run("bmsctl", "list");
    expect(/^solar .* released /m.test(table), table);
  });
}

/** Meanwhile solar is taken back. */
async function watched(): Promise<void> {
  mkdirSync(DROP_IN_FOLDER, { recursive: true });
  writeFileSync(`${DROP_IN_FOLDER}/watched.conf`, DROP_IN);
  await systemctl("daemon-reload");
  await systemctl("restart", unit("inverter"));
  await readingsFlow(["inverter"], 1);
  await check("an agent with a blocked event loop is restarted by the watchdog, and reads again", async () => {
    const blockedAt = Date.now();
    recordEvent("inverter", "killed");
    await systemctl("kill", "-s", "WINCH", unit("inverter"));
    await eventually("a restart", async () => (await restarts(unit("inverter"))) === 1);
    const took = Math.round((Date.now() - blockedAt) / 1000);
    const result = await run(
      "journalctl",
      "-u",
      unit("inverter"),
      "--grep",
      "[Ww]atchdog timeout",
      "--output=cat",
      "--lines=1",
    );
    await readingsFlow(["inverter"], 1);
    recordEvent("inverter", "works");
    return `${result} restarted after ${took} s with WatchdogSec=${WATCHDOG_S}`;
  });
  await check("a battery that is out of range for twice as long is not a failure of its agent", async () => {
    await setFault("inverter", "out-of-range");
    await sleep(2 * WATCHDOG_S * 1000);
    const state = await systemctl("show", "--property=NRestarts,StatusText", unit("inverter"));
    await clearFault("inverter", "out-of-range");
    await readingsFlow(["inverter"], 1);
    expect(/NRestarts=1$/m.test(state) && !/StatusText=connected/.test(state), state);
    return state;
  });
  rmSync(DROP_IN_FOLDER, { recursive: true });
  await systemctl("daemon-reload");
  await systemctl("restart", unit("inverter"));
  await check("the lent battery is taken back by itself", async () => {
    await areActive(unit("solar"));
    return await readingsFlow(["solar"], 1);
  });
}
