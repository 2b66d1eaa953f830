import { spawn } from "node:child_process";
import { cpSync, openSync, writeSync } from "node:fs";
import { encodeMessage, type Message } from "../report.ts";
import { SCENARIOS } from "../scenarios/list.ts";
import { createVirtualController } from "./controller-client.ts";
import { kernelBug } from "./kernel-log.ts";
import { watchProcessor } from "./processor.ts";
import type { Scenario, ScenarioSettings } from "./scenario.ts";
import { createStack } from "./stack.ts";
import { setStage } from "./stage.ts";

/** The host's folder. */
const SHARE = "/share";
/** Memory: what programs print must not cost them a round trip to the host. */
const LOGS = "/tmp/logs";
/** Much less than the host's patience. */
const BEAT_EVERY_MS = 10_000;
const SHELL_HELP = `
Eight JBD packs (A4:C1:37:00:00:01 and up) and two Thornwaves (C0:00:00:00:00:01 and up) are on the air.
  su bms -c "node /opt/bms/dist/bms-agent.js info -b A4:C1:37:00:00:01"
  bluetoothctl, btmgmt, btmon, dbus-monitor
  air set A4:C1:37:00:00:01 silence; air clear all; air drop A4:C1:37:00:00:01 08; air status; air unplug; air plug
  exit ends the machine.
`;

async function main(words: readonly string[]): Promise<void> {
  if (words[0] === "shell") return await openShell();
  const [name, kills] = words;
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario) await play(scenario, { kills: Number(kills) });
}

async function play(scenario: Scenario, settings: ScenarioSettings): Promise<void> {
  const report = openSync("/dev/ttyS1", "w");
  const tell = (message: Message) => void writeSync(report, encodeMessage(message));
  // So that the host knows that we live while a scenario goes on without a finding.
  setInterval(() => void writeSync(report, "\n"), BEAT_EVERY_MS).unref();
  const processor = watchProcessor();
  const startedAt = Date.now();
  try {
    const stage = await setStage(scenario, LOGS, processor);
    try {
      for await (const finding of scenario.run(stage, settings)) tell({ say: "finding", finding });
    } finally {
      await stage.clear();
    }
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    const verdict = processor.wasFullSince(startedAt) ? "slow" : "failed";
    tell({ say: "finding", finding: { expected: "runs to its end", verdict, seen } });
  }
  cpSync(LOGS, SHARE, { recursive: true });
  const line = kernelBug();
  const seconds = (Date.now() - startedAt) / 1000;
  tell(line ? { say: "oops", line } : { say: "end", seconds, busy: processor.busySince(startedAt) });
}

async function openShell(): Promise<void> {
  const logs = SHARE;
  const stack = createStack(logs);
  await stack.startBus();
  await createVirtualController({ jbd: 8, thornwave: 2, logs }).start();
  await stack.startBluetoothd();
  process.stdout.write(SHELL_HELP);
  const shell = spawn("setsid", ["cttyhack", "sh"], { stdio: "inherit", env: { ...process.env, ENV: "/etc/profile" } });
  await new Promise((resolve) => shell.once("close", resolve));
}

await main(process.argv.slice(2));
// Whatever still runs is the machine's to end.
process.exit(0);
