import { execFileSync, spawn } from "node:child_process";
import { cpSync, openSync, writeSync } from "node:fs";
import { encodeMessage, type Message } from "../../machine/report.ts";
import { SCENARIOS } from "../scenarios/list.ts";
import { createVirtualController } from "./controller-client.ts";
import { createEnvironment, type Scenario, type ScenarioSettings } from "./environment.ts";
import { watchProcessor } from "./processor.ts";
import { createStack } from "./stack.ts";

/** The host's folder. */
const SHARE = "/share";
/** In memory: a line of a log must not cost a program a round trip to the host. */
const LOGS = "/tmp/logs";
/** Far below the time after which the host takes the machine for hung. */
const HEARTBEAT_MS = 10_000;
const SHELL_HELP = `
Eight JBD packs (A4:C1:37:00:00:01 and up) and two Thornwaves (C0:00:00:00:00:01 and up) advertise.
  su bms -c "node /opt/bms/dist/bms-agent.js info -b A4:C1:37:00:00:01"
  bluetoothctl, btmgmt, btmon, dbus-monitor
  simulator set A4:C1:37:00:00:01 silence, simulator clear all, simulator drop A4:C1:37:00:00:01 08
  simulator status, simulator unplug, simulator plug
  exit ends the machine.
`;

async function run(scenario: Scenario, settings: ScenarioSettings): Promise<void> {
  const port = openSync("/dev/ttyS1", "w");
  const report = (message: Message) => void writeSync(port, encodeMessage(message));
  setInterval(() => void writeSync(port, "\n"), HEARTBEAT_MS).unref();
  const processor = watchProcessor();
  const startedAt = Date.now();
  try {
    const environment = await createEnvironment(scenario, LOGS, processor);
    try {
      for await (const finding of scenario.run(environment, settings)) report({ kind: "finding", finding });
    } finally {
      await environment.close();
    }
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    const verdict = processor.wasFullSince(startedAt) ? "too slow to judge" : "failed";
    report({ kind: "finding", finding: { expected: "runs to its end", verdict, seen } });
  }
  cpSync(LOGS, SHARE, { recursive: true });
  const line = kernelBug();
  const seconds = (Date.now() - startedAt) / 1000;
  report(line ? { kind: "kernel-bug", line } : { kind: "end", seconds, busy: processor.busySince(startedAt) });
}

/**
 * The first line of the kernel's log about a bug of the kernel itself. Some 60 links that were lost right after they were
 * made have crashed Linux 6.1 in hci_chan_del; Bluetooth is then dead until the next boot.
 */
function kernelBug(): string | undefined {
  const log = execFileSync("dmesg", { encoding: "utf8" });
  return /^.*\b(?:BUG:|Oops:|general protection fault|kernel BUG at|refcount_t: ).*$/m.exec(log)?.[0].trim();
}

async function openShell(): Promise<void> {
  const stack = createStack(SHARE);
  await stack.startBus();
  await createVirtualController({ batteries: { jbd: 8, thornwave: 2 }, logs: SHARE }).start();
  await stack.startBluetoothd();
  process.stdout.write(SHELL_HELP);
  const shell = spawn("setsid", ["--ctty", "bash", "--login"], { stdio: "inherit" });
  await new Promise((resolve) => shell.once("close", resolve));
}

const [name, kills] = process.argv.slice(2);
const scenario = SCENARIOS.find((candidate) => candidate.name === name);
if (scenario) await run(scenario, { kills: Number(kills) });
else await openShell();
// Ends with whatever still runs: init switches the machine off.
process.exit(0);
