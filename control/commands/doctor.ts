import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DEVICE_OPTIONS } from "../../agent/cli/device-options.ts";
import { checkOutputs } from "../../aggregator/check/check.ts";
import { AGGREGATOR_OPTIONS } from "../../aggregator/cli/options.ts";
import { socketOf } from "../../aggregator/outputs/output-url.ts";
import { type CommandDeps, defineCommand } from "../../common/cli/command.ts";
import { readEnvironment, SHARED_OPTIONS, type ValuesOf, withoutPreset } from "../../common/cli/option.ts";
import { parseAggregatorStatus } from "../../common/model/status.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { AGGREGATOR_UNIT, checkAggregator, checkEndpoint } from "../doctor/aggregator.ts";
import { checkBattery } from "../doctor/battery.ts";
import { checkBluetooth } from "../doctor/bluetooth.ts";
import { type Finding, formatFinding, unknown, wrong } from "../doctor/finding.ts";
import { checkClock, checkDisk } from "../doctor/machine.ts";
import { checkVariables } from "../doctor/settings.ts";
import { checkDatabases, telegrafFindings } from "../doctor/telegraf.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import { parseAgentFile } from "../setup/env-file.ts";
import {
  AGGREGATOR_FILE,
  AGGREGATOR_RUNTIME,
  aggregatorSettings,
  COMMON_FILE,
  commonSettings,
  INSTALLATION,
  variablesIn,
} from "../setup/installation.ts";
import { unitOf } from "../setup/instance-name.ts";
import { outputOf, systemd } from "../setup/systemd.ts";

const OPTIONS = {
  json: SHARED_OPTIONS.json,
  adapter: DEVICE_OPTIONS.adapter,
  radio: withoutPreset(DEVICE_OPTIONS.radio),
  logLevel: { ...SHARED_OPTIONS.logLevel, preset: "error" },
};
type DoctorOptions = ValuesOf<typeof OPTIONS>;

export const doctor = defineCommand({
  name: "doctor",
  about: `Checks everything on the way of a reading, from the battery to the database. Prints one line per check, with a
remedy for each fault. Sends a row of the meter "bms-doctor" through Telegraf and looks for it in the database.`,
  options: OPTIONS,
  examples: [
    ["sudo bmsctl doctor", "as root it sees more"],
    ["sudo bmsctl doctor --json", "one line of JSON per check"],
  ],
  read: ({ values }) => values,
  async run(options, deps) {
    const format = options.json ? (finding: Finding) => `${JSON.stringify(finding)}\n` : formatFinding;
    let isWrong = false;
    for (const check of CHECKS) {
      const findings = await check(options, deps);
      deps.print(findings.map(format).join(""));
      isWrong ||= findings.some(({ verdict }) => verdict === "wrong");
    }
    return isWrong ? 1 : 0;
  },
});

type Check = (options: DoctorOptions, deps: CommandDeps) => Promise<Finding[]>;

/** In the order of a reading's way: an early fault explains the later ones. */
const CHECKS: readonly Check[] = [clock, disk, bluetooth, settings, aggregator, batteries, telegraf, databases];

async function clock(): Promise<Finding[]> {
  const words = ["show", "--property=NTPSynchronized", "--value"];
  const output = await outputOf("timedatectl", words).catch(() => undefined);
  return [checkClock(output?.stdout.trim() ?? "")];
}

async function disk(): Promise<Finding[]> {
  return [checkDisk(INSTALLATION.state)];
}

async function bluetooth({ adapter, radio, logLevel }: DoctorOptions, deps: CommandDeps): Promise<Finding[]> {
  const { BMS_SIMULATOR: simulator, BMS_ADAPTER, BMS_RADIO } = commonSettings();
  const kind = radio ?? (BMS_RADIO === "simulated" ? BMS_RADIO : "auto");
  const chosen = adapter ?? BMS_ADAPTER;
  const choice = { kind, ...(chosen && { adapter: chosen }), ...(simulator && { simulator }) };
  return [await checkBluetooth(choice, { ...deps, log: deps.createLog(logLevel, "bmsctl doctor") })];
}

async function settings(): Promise<Finding[]> {
  return [COMMON_FILE, AGGREGATOR_FILE].flatMap((file) =>
    checkVariables("settings", file, Object.keys(variablesIn(file))),
  );
}

async function aggregator(_: DoctorOptions, { clock }: CommandDeps): Promise<Finding[]> {
  const [state] = await systemd.show([AGGREGATOR_UNIT]);
  if (!state) return [unknown("aggregator", "systemd does not know it")];
  const isActive = state.active === "active";
  const status = isActive ? aggregatorStatus() : undefined;
  const lastLogLine = await systemd.lastLogLine(AGGREGATOR_UNIT, isActive ? "warning" : "info");
  return [checkAggregator(state, status, lastLogLine), await checkEndpoint(aggregatorSettings().BMS_ENDPOINT, clock)];
}

function aggregatorStatus() {
  try {
    return readStatusFile(statusPath(AGGREGATOR_RUNTIME), parseAggregatorStatus);
  } catch {
    // For root and the services' group only.
    return undefined;
  }
}

async function batteries(_: DoctorOptions, { clock }: CommandDeps): Promise<Finding[]> {
  const found = await findBatteries(INSTALLATION, systemd);
  if (found.length === 0) return [wrong("batteries", "none is set up", "sudo bmsctl add")];
  return (await Promise.all(found.map((battery) => batteryFindings(battery, clock.now())))).flat();
}

async function batteryFindings(battery: Battery, now: number): Promise<Finding[]> {
  const file = join(INSTALLATION.files, `${battery.name}.env`);
  let variables: ReadonlyMap<string, string> | undefined;
  let fileMode: number | undefined;
  try {
    fileMode = statSync(file).mode;
    variables = parseAgentFile(readFileSync(file, "utf8"));
  } catch {
    // A battery that is named by its address needs no file, and a file with a password is readable by root only.
  }
  const lastLogLine = await systemd.lastLogLine(unitOf(battery.name));
  return checkBattery(battery, {
    variables,
    fileMode,
    lastLogLine,
    endpoint: aggregatorSettings().BMS_ENDPOINT,
    now,
  });
}

const { output, settle, telegrafConfig } = AGGREGATOR_OPTIONS;

/** The options of the aggregator's service. @throws {UsageError} */
const aggregatorOptions = () => readEnvironment({ output, settle, telegrafConfig }, aggregatorSettings());

async function telegraf(): Promise<Finding[]> {
  try {
    const { output, settle, telegrafConfig } = aggregatorOptions();
    const options = { settleMs: settle * 1000, ...(telegrafConfig && { telegrafConfig }) };
    return telegrafFindings(await checkOutputs(output, options));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return [unknown("Telegraf", `the aggregator's options are wrong: ${error.message}`)];
  }
}

async function databases(_: DoctorOptions, { clock }: CommandDeps): Promise<Finding[]> {
  const paths = aggregatorSettings()
    .BMS_OUTPUT.split(/\s+/)
    .flatMap((url) => socketOf(url) ?? []);
  return (await Promise.all(paths.map((path) => checkDatabases(path, clock)))).flat();
}
