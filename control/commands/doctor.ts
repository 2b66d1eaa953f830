import { readFileSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { DEVICE_OPTIONS } from "../../agent/cli/device-options.ts";
import { isContainer } from "../../agent/clock/clock-evidence.ts";
import { machineClockEvidence } from "../../agent/clock/machine-clock.ts";
import { checkOutputs } from "../../aggregator/check/check.ts";
import type { CheckReport } from "../../aggregator/check/finding.ts";
import { TELEGRAF_CONFIGURATION } from "../../aggregator/check/telegraf-paths.ts";
import { serviceOptions } from "../../aggregator/cli/service-options.ts";
import { socketOf } from "../../aggregator/outputs/output-url.ts";
import { SERVICE_FILES } from "../../aggregator/service-settings.ts";
import { type CommandDeps, defineCommand } from "../../common/cli/command.ts";
import { SHARED_OPTIONS, type ValuesOf, withoutPreset } from "../../common/cli/option.ts";
import { readHostKey } from "../../common/hosts/host-key.ts";
import { parseKnownHosts } from "../../common/hosts/known-hosts.ts";
import { settingsDirectory } from "../../common/runtime/settings-directory.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { parseEnvironmentFile, readEnvironmentFile } from "../../common/systemd/environment-file.ts";
import { AGGREGATOR_UNIT, checkAggregator, checkEndpoint } from "../doctor/aggregator.ts";
import { checkBattery } from "../doctor/battery.ts";
import { checkBluetooth } from "../doctor/bluetooth.ts";
import { type Finding, formatFinding, unknown } from "../doctor/finding.ts";
import { checkHosts, noBattery, noRadio } from "../doctor/hosts.ts";
import { checkClock, checkDisk } from "../doctor/machine.ts";
import { checkParameters } from "../doctor/parameters.ts";
import { checkKeyFile, checkRemoteAggregator, elsewhere } from "../doctor/remote-aggregator.ts";
import { checkVariables } from "../doctor/settings.ts";
import { checkDatabases, telegrafFindings } from "../doctor/telegraf.ts";
import { checkViewer } from "../doctor/viewer.ts";
import { tryAggregator } from "../pairing/aggregator-host.ts";
import { aggregatorStatus } from "../setup/aggregator-status.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import { destination } from "../setup/destination.ts";
import { HOST_FILES } from "../setup/host-files.ts";
import { INSTALLATION } from "../setup/installation.ts";
import { unitOf } from "../setup/instance-name.ts";
import { textOf } from "../setup/replace-file.ts";
import { ServiceError, systemd } from "../setup/systemd.ts";
import { VIEWER_FILE, viewerHasNetwork, viewerSettings } from "../setup/viewer-settings.ts";

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
remedy for each fault. Looks at the page as well. Sends a row of the meter "bms-doctor" through Telegraf and looks for it in the database.`,
  options: OPTIONS,
  examples: [
    ["sudo bmsctl doctor", "as root it sees more"],
    ["sudo bmsctl doctor --json", "one line of JSON per check"],
  ],
  read: ({ values }) => values,
  async run(options, deps) {
    const { stdout, terminal, progress, env } = deps;
    const hasColours = terminal() !== undefined && !env.NO_COLOR;
    const format = options.json
      ? (finding: Finding) => `${JSON.stringify(finding)}\n`
      : (finding: Finding) => formatFinding(finding, hasColours);
    let isWrong = false;
    for (const { about, check, waiting = `checking: ${about}` } of CHECKS) {
      progress(`${waiting} …`);
      const findings = await findingsOf(about, check(options, deps));
      progress("");
      stdout.write(findings.map(format).join(""));
      isWrong ||= findings.some(({ verdict }) => verdict === "wrong");
    }
    return isWrong ? 1 : 0;
  },
});

interface Check {
  readonly about: string;
  /** The check under way, shown while it takes long. */
  readonly waiting?: string;
  readonly check: (options: DoctorOptions, deps: CommandDeps) => Promise<Finding[]>;
}

/** In the order of a reading's way: an early fault explains the later ones. */
const CHECKS: readonly Check[] = [
  { about: "clock", check: clock },
  { about: "disk", check: disk },
  { about: "Bluetooth", waiting: "scanning for 3 s", check: bluetooth },
  { about: "settings", check: settings },
  { about: "aggregator", check: aggregator },
  { about: "batteries", check: batteries },
  { about: "Telegraf", check: telegraf },
  { about: "database", waiting: "waiting for a probe row to arrive in the database, up to 30 s", check: databases },
  { about: "viewer", check: viewer },
];

/** A check that fails leaves the others to be done. */
export async function findingsOf(about: string, check: Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check;
  } catch (error) {
    return [
      unknown(
        about,
        error instanceof ServiceError || error instanceof UsageError ? error.message : `could not be checked: ${error}`,
      ),
    ];
  }
}

async function clock(_options: DoctorOptions, { clock, env }: CommandDeps): Promise<Finding[]> {
  return [checkClock(await machineClockEvidence(clock, env), isContainer(env))];
}

async function disk(): Promise<Finding[]> {
  return [checkDisk(INSTALLATION.state)];
}

async function bluetooth({ adapter, radio, logLevel }: DoctorOptions, deps: CommandDeps): Promise<Finding[]> {
  const { BMS_SIMULATOR: simulator, BMS_ADAPTER, BMS_RADIO } = readEnvironmentFile(SERVICE_FILES.common);
  const kind = radio ?? (BMS_RADIO === "simulated" ? BMS_RADIO : "auto");
  const isAsked = adapter !== undefined || radio !== undefined;
  if (!isAsked && knownNames().length > 0 && (await findBatteries(INSTALLATION, systemd)).length === 0)
    return [noRadio()];
  const chosen = adapter ?? BMS_ADAPTER;
  const choice = { kind, ...(chosen && { adapter: chosen }), ...(simulator && { simulator }) };
  return [await checkBluetooth(choice, { ...deps, log: deps.createLog(logLevel, "bmsctl doctor") })];
}

async function settings(): Promise<Finding[]> {
  return [...Object.values(SERVICE_FILES), VIEWER_FILE].flatMap((file) =>
    checkVariables("settings", file, Object.keys(readEnvironmentFile(file))),
  );
}

async function aggregator(_: DoctorOptions, { clock, uid, stop }: CommandDeps): Promise<Finding[]> {
  const [state] = await systemd.show([AGGREGATOR_UNIT]);
  const { endpoint, remote } = destination();
  if (remote) {
    const findings = await checkRemoteAggregator(remote, state, {
      uid,
      ownKey: () => readHostKey(HOST_FILES.key),
      tryAggregator: (target, own) => tryAggregator(target, own, { clock, stop }),
    });
    return [...findings, ...checkKeyFile(HOST_FILES.key)];
  }
  if (!state) return [unknown("aggregator", "systemd does not know it")];
  const isActive = state.active === "active";
  const status = isActive ? aggregatorStatus() : undefined;
  const lastLogLine = await systemd.lastLogLine(AGGREGATOR_UNIT, isActive ? "warning" : "info");
  return [
    checkAggregator(state, status, lastLogLine, await faultyOutputs()),
    await checkEndpoint(endpoint, uid, clock),
    ...checkKeyFile(HOST_FILES.key),
    ...checkHosts(status?.hosts ?? []),
  ];
}

/** The outputs of which the check of Telegraf reports a fault. */
async function faultyOutputs(): Promise<readonly string[]> {
  try {
    const { outputs } = await outputReport();
    return outputs.flatMap(({ output, findings }) =>
      findings.some(({ level, about }) => level === "fault" && about === "output") ? [output] : [],
    );
  } catch {
    // Reported by that check.
    return [];
  }
}

async function batteries(_: DoctorOptions, { clock, env }: CommandDeps): Promise<Finding[]> {
  const found = await findBatteries(INSTALLATION, systemd);
  if (found.length === 0) return [noBattery(knownNames())];
  const directory = settingsDirectory(env);
  const findings = await Promise.all(found.map((battery) => batteryFindings(battery, clock.now())));
  return [...findings.flat(), ...found.flatMap((battery) => checkParameters(battery, directory, clock.now()))];
}

/** The names of the hosts that may deliver to this one. */
function knownNames(): readonly string[] {
  return parseKnownHosts(textOf(HOST_FILES.knownHosts)).hosts.map(({ name }) => name);
}

async function batteryFindings(battery: Battery, now: number): Promise<Finding[]> {
  const file = join(INSTALLATION.files, `${battery.name}.env`);
  let variables: ReadonlyMap<string, string> | undefined;
  let fileMode: number | undefined;
  try {
    fileMode = statSync(file).mode;
    variables = parseEnvironmentFile(readFileSync(file, "utf8"));
  } catch {
    // A battery that is named by its address needs no file, and a file with a password is readable by root only.
  }
  const lastLogLine = await systemd.lastLogLine(unitOf(battery.name));
  return checkBattery(battery, {
    variables,
    fileMode,
    lastLogLine,
    endpoint: destination().endpoint,
    now,
  });
}

/** The result of `bms-aggregator --check`. @throws {UsageError} */
function outputReport(): Promise<CheckReport> {
  const options = serviceOptions();
  return checkOutputs(options.outputs, options);
}

async function telegraf(_: DoctorOptions, { uid }: CommandDeps): Promise<Finding[]> {
  if (destination().remote) return [elsewhere()];
  return telegrafFindings(await outputReport(), uid);
}

async function databases(_: DoctorOptions, { clock }: CommandDeps): Promise<Finding[]> {
  if (destination().remote) return [];
  const { outputs, telegrafConfig = TELEGRAF_CONFIGURATION } = serviceOptions();
  const paths = outputs.flatMap((url) => socketOf(url) ?? []);
  return (await Promise.all(paths.map((path) => checkDatabases(path, telegrafConfig, clock)))).flat();
}

async function viewer(): Promise<Finding[]> {
  if (destination().remote) return [];
  return checkViewer({
    systemd,
    settings: viewerSettings(),
    hasNetwork: viewerHasNetwork(),
    interfaces: Object.values(networkInterfaces()).flat(),
  });
}
