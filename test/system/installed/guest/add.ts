import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { check, demand, expect } from "./check.ts";
import { areActive, run, setFault, systemctl, unit } from "./commands.ts";
import { addressOf, type BatteryName, INTERVAL_S, NAMES, PASSWORD } from "./paths.ts";
import { readingsFlow } from "./rows.ts";

/** Adds two batteries with options alone, and the third in a dialogue on a terminal. */
export async function addBatteries(): Promise<void> {
  await areActive("virtual-adapter", "bluetooth");
  await setFault("bms", "locked");
  const file = "/root/password";
  writeFileSync(file, `${PASSWORD}\n`);
  chmodSync(file, 0o600);
  await demand("add asks nothing: a pack with a password", () => add("bms", "--pin-file", file));
  await demand("add asks nothing: solar", () => add("solar"));
  await check("an address that is set up is refused, and its battery named", async () => {
    const again = await run("bmsctl", "add", "again", "-b", addressOf("solar"), "--untested").then(
      () => "accepted",
      (error: Error) => error.message,
    );
    expect(again.includes("is set up already as solar"), again);
  });
  await demand("add asks, and the battery is chosen from a table", addByHand);
  await check("all services are active", () => areActive(...NAMES.map(unit), "bms-aggregator", "telegraf"));
  await check("a password is in a file of root's, 0600, and in no environment", async () => {
    const { mode, uid, gid } = statSync("/etc/bms/pins/bms");
    const pid = (await run("systemctl", "show", "--property=MainPID", "--value", unit("bms"))).trim();
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
    const seen = `${(mode & 0o777).toString(8)} ${uid}:${gid}`;
    expect(seen === "600 0:0" && !environment.includes(PASSWORD), seen);
  });
  await check("another agent can read its own credential, and no password by any path", async () => {
    const seen = await readAsAgent((pid) => [
      "/etc/bms/pins/bms",
      "/etc/bms/agents/bms.env",
      "/run/credentials/bms-agent@bms.service/pin",
      `/proc/${pid}/environ`,
      `/proc/${pid}/root/run/credentials/bms-agent@bms.service/pin`,
    ]);
    expect(seen.trim() === "own", seen);
  });
  await demand("readings flow through the real Telegraf", () => readingsFlow());
  await check("and into VictoriaMetrics", async () => {
    const query = new URLSearchParams({ "match[]": "battery_volts", start: "0" });
    const text = await (await fetch(`http://127.0.0.1:8428/api/v1/export?${query}`)).text();
    const series = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { metric: { meter: string }; values: number[] });
    const seen = series.map(({ metric, values }) => `${metric.meter}: ${values.at(-1)} V`).sort();
    expect(seen.length === NAMES.length, seen.join(", "));
    return seen.join(", ");
  });
}

/** Returns the content of these files that an agent's unit can read, after the word "own" if it can read its own credential. */
async function readAsAgent(pathsOf: (pid: string) => readonly string[]): Promise<string> {
  const pid = (await run("systemctl", "show", "--property=MainPID", "--value", unit("bms"))).trim();
  const folder = "/run/systemd/system/bms-agent@spy.service.d";
  mkdirSync(folder, { recursive: true });
  const script = `cat /run/credentials/bms-agent@spy.service/pin && echo own; cat ${pathsOf(pid).join(" ")}; true`;
  const lines = [
    "Type=oneshot",
    "Restart=no",
    "ExecStart=",
    `ExecStart=/bin/sh -c '${script}'`,
    "StandardOutput=file:/root/seen",
    "StandardError=journal",
  ];
  writeFileSync(`${folder}/spy.conf`, ["[Service]", ...lines, ""].join("\n"));
  await systemctl("daemon-reload");
  await systemctl("start", "bms-agent@spy.service");
  rmSync(folder, { recursive: true });
  await systemctl("daemon-reload");
  return readFileSync("/root/seen", "utf8");
}

async function add(name: BatteryName, ...options: readonly string[]): Promise<string> {
  const output = await run("bmsctl", "add", name, "-b", addressOf(name), "-i", String(INTERVAL_S), ...options);
  expect(output.includes(`${name} is set up: ${addressOf(name)} (`), output);
  return output;
}

/** The dialogue of `bmsctl add` on a terminal. */
async function addByHand(): Promise<string> {
  let screen = "";
  let typed = 0;
  const dialogue = spawn("script", ["--quiet", "--return", "--command", "bmsctl add", "/dev/null"]);
  const row = () =>
    new RegExp(`^ *(\\d+) +${addressOf("inverter")} +-\\d+ dBm +thornwave \\(certain`, "m").exec(screen)?.[1];
  const answers: readonly (readonly [RegExp, () => string])[] = [
    [/Which one\?.*: $/, () => row() ?? ""],
    [/Your name for it\?.*: $/, () => "inverter"],
    [/Seconds between readings\? \[10\]: $/, () => String(INTERVAL_S)],
  ];
  dialogue.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += stripVTControlCharacters(text).replaceAll("\r", "");
    const [question, answer] = answers[typed] ?? [];
    if (!question?.test(screen) || !answer) return;
    typed += 1;
    dialogue.stdin.write(`${answer()}\n`);
  });
  const code = await new Promise((resolve) => dialogue.once("close", resolve));
  expect(code === 0 && typed === answers.length && /inverter is set up: C0:/.test(screen), screen);
  return `${screen.match(/^.*dBm.*$/gm)?.length} in the table`;
}
