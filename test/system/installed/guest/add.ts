import { spawn } from "node:child_process";
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { check, demand, expect } from "./check.ts";
import { areActive, run, setFault, unit } from "./commands.ts";
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
  await check("a file with a password is 0640 root:bms", async () => {
    const { mode, uid, gid } = statSync("/etc/bms/agents/bms.env");
    const group = await run("getent", "group", String(gid));
    const seen = `${(mode & 0o777).toString(8)} ${uid} ${group}`;
    expect(/^640 0 bms:/.test(seen), seen);
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
