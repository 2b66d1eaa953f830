import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineCommand, type World } from "../../agent/cli/command.ts";
import type { Values } from "../../agent/cli/options.ts";
import { AGGREGATOR_UNIT, examineEndpoint, judgeAggregator, readAggregatorStatus } from "../doctor/aggregator.ts";
import { judgeBattery } from "../doctor/battery.ts";
import { examineBluetooth } from "../doctor/bluetooth.ts";
import { type Finding, formatFindings, unknown, wrong } from "../doctor/finding.ts";
import { examineDisk, judgeClock } from "../doctor/machine.ts";
import { examineDatabases, telegrafFindings } from "../doctor/telegraf.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import { outputOf } from "../setup/command-output.ts";
import { parseAgentFile } from "../setup/env-file.ts";
import { aggregatorSettings, commonSettings } from "../setup/installed-options.ts";
import { AGENT_FILES, unitOf } from "../setup/instance-name.ts";
import { systemdServices as services } from "../setup/systemd.ts";

type DoctorOptions = Pick<Values, "adapter" | "radio" | "logLevel">;

/** Where readings wait while they cannot be delivered. */
const STATE = "/var/lib/bms";

export const doctor = defineCommand<DoctorOptions>({
  name: "doctor",
  about: `Looks at everything that a reading passes, from the battery to the database: one line each, and where something
is wrong, what to do. Sends a row of meter "bms-doctor" through Telegraf and looks for it in the database.`,
  options: ["adapter", "radio", "logLevel"],
  examples: [["sudo bms-agent doctor", "as root it sees more"]],
  read: ({ values }) => values,
  async run(options, world) {
    let isWrong = false;
    for (const examine of EXAMINATIONS) {
      const findings = await examine(options, world);
      world.print(formatFindings(findings));
      isWrong ||= findings.some(({ verdict }) => verdict === "wrong");
    }
    return isWrong ? 1 : 0;
  },
});

type Examination = (options: DoctorOptions, world: World) => Promise<Finding[]>;

/** In the order in which a reading passes: what is wrong first explains what comes after it. */
const EXAMINATIONS: readonly Examination[] = [clock, disk, bluetooth, aggregator, batteries, telegraf, databases];

async function clock(): Promise<Finding[]> {
  const asked = await outputOf("timedatectl", ["show", "--property=NTPSynchronized", "--value"]).catch(() => undefined);
  return [judgeClock(asked?.stdout.trim() ?? "")];
}

async function disk(): Promise<Finding[]> {
  return [examineDisk(STATE)];
}

async function bluetooth(
  { adapter, radio, logLevel = "error" }: DoctorOptions,
  { clock, stop, createLog }: World,
): Promise<Finding[]> {
  const { BMS_SIMULATOR: simulator, BMS_ADAPTER, BMS_RADIO } = commonSettings();
  const kind = radio ?? (BMS_RADIO === "simulated" ? BMS_RADIO : "auto");
  const chosen = adapter ?? BMS_ADAPTER;
  const choice = { kind, ...(chosen && { adapter: chosen }), ...(simulator && { simulator }) };
  return [await examineBluetooth(choice, { clock, stop, log: createLog(logLevel, "bms-agent doctor") })];
}

async function aggregator(_: DoctorOptions, { clock }: World): Promise<Finding[]> {
  const [state] = await services.show([AGGREGATOR_UNIT]);
  if (!state) return [unknown("aggregator", "systemd does not tell of it")];
  const lastWords = await services.lastWords(AGGREGATOR_UNIT, state.active === "active" ? "warning" : "info");
  return [
    judgeAggregator(state, readAggregatorStatus(), lastWords),
    await examineEndpoint(aggregatorSettings().BMS_ENDPOINT, clock),
  ];
}

async function batteries(_: DoctorOptions, { clock }: World): Promise<Finding[]> {
  const found = await findBatteries(services, AGENT_FILES);
  if (found.length === 0) return [wrong("batteries", "none is set up: sudo bms-agent add")];
  return (await Promise.all(found.map((battery) => examineBattery(battery, clock.now())))).flat();
}

async function examineBattery(battery: Battery, now: number): Promise<Finding[]> {
  const file = join(AGENT_FILES, `${battery.name}.env`);
  let variables: ReadonlyMap<string, string> | undefined;
  let fileMode: number | undefined;
  try {
    fileMode = statSync(file).mode;
    variables = parseAgentFile(readFileSync(file, "utf8"));
  } catch {
    // A battery that is named by its address needs no file, and root's files are root's.
  }
  const lastWords = await services.lastWords(unitOf(battery.name));
  return judgeBattery(battery, { variables, fileMode, lastWords, endpoint: aggregatorSettings().BMS_ENDPOINT, now });
}

/** Sockets of Telegraf among the aggregator's outputs. */
function socketPaths(): string[] {
  return aggregatorSettings()
    .BMS_OUTPUT.split(/\s+/)
    .flatMap((url) => /^unix:\/\/(.+)$/.exec(url)?.[1] ?? []);
}

async function telegraf(): Promise<Finding[]> {
  const program = join(dirname(process.argv[1] ?? ""), "bms-aggregator.js");
  const { stdout } = await outputOf(process.execPath, [program, "--check", "--json"], aggregatorSettings());
  return telegrafFindings(stdout);
}

async function databases(_: DoctorOptions, { clock }: World): Promise<Finding[]> {
  return (await Promise.all(socketPaths().map((path) => examineDatabases(path, clock)))).flat();
}
