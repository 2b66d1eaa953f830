import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

/** The service manager. */
export interface Systemd {
  /** Units that match, loaded or with a file of their own. */
  list(pattern: string): Promise<readonly string[]>;
  show(units: readonly string[]): Promise<readonly UnitState[]>;
  /** Runs a command of systemctl. @throws {ServiceError} */
  control(...words: readonly string[]): Promise<void>;
  /** The service's last log line of at least this priority; empty if there is none or the journal may not be read. */
  lastLogLine(unit: string, priority?: "info" | "warning"): Promise<string>;
  /** The exposure of a service as systemd judges it, such as `1.2 OK`; undefined if it cannot be told. */
  exposure(unit: string): Promise<string | undefined>;
  /** Starts `unit` after a delay, whatever becomes of this process. @throws {ServiceError} */
  startLater(timer: string, unit: string, seconds: number): Promise<void>;
  /** The same for a command, which is run again every minute until it succeeds. @throws {ServiceError} */
  runLater(timer: string, command: readonly string[], seconds: number): Promise<void>;
}

/** The state of a unit, from `systemctl show`. */
export interface UnitState {
  readonly unit: string;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  /** `enabled`, `disabled`, or empty if there is no such unit. */
  readonly enabled: string;
  readonly result: string;
  /** Exit status or signal of the last run. */
  readonly exit: number;
}

/** A command of systemd failed; the message is its own. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
}

/** Property of `systemctl show` → key of UnitState. */
const PROPERTIES = {
  Id: "unit",
  LoadState: "load",
  ActiveState: "active",
  SubState: "sub",
  UnitFileState: "enabled",
  Result: "result",
  ExecMainStatus: "exit",
} as const satisfies Record<string, keyof UnitState>;

/** Parses blocks of `NAME=value` lines, separated by an empty line. */
export function parseUnitStates(text: string): UnitState[] {
  return text
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== "")
    .map((block) => {
      const values = new Map(block.split("\n").map((line) => splitAt(line, "=")));
      const state = Object.entries(PROPERTIES).map(([property, name]) => [name, values.get(property) ?? ""]);
      return Object.fromEntries([...state, ["exit", Number(values.get("ExecMainStatus") ?? 0)]]) as UnitState;
    });
}

/** First words of the lines of `systemctl list-units` and `list-unit-files`, without templates. */
export function parseUnitNames(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[0] ?? "")
    .filter((name) => name !== "" && !name.includes("@."));
}

/** The last line of `systemd-analyze security`: `→ Overall exposure level for bms-viewer.service: 0.3 SAFE 😀` */
export function parseExposure(text: string): string | undefined {
  return /^→ Overall exposure level for .*: (\d+\.\d [A-Z]+)/m.exec(text)?.[1];
}

function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return [line.slice(0, at), line.slice(at + 1)];
}

/** systemd on this machine. */
export const systemd: Systemd = {
  async list(pattern) {
    const plain = ["--plain", "--no-legend", "--no-pager", pattern];
    const [loaded, files] = await Promise.all([
      run("systemctl", ["list-units", "--all", ...plain]),
      run("systemctl", ["list-unit-files", ...plain]).catch(() => ""),
    ]);
    return [...new Set([...parseUnitNames(loaded), ...parseUnitNames(files)])].sort();
  },
  async show(units) {
    if (units.length === 0) return [];
    const properties = Object.keys(PROPERTIES).join(",");
    return parseUnitStates(await run("systemctl", ["show", "--property", properties, "--", ...units]));
  },
  async control(...words) {
    await run("systemctl", words);
  },
  async lastLogLine(unit, priority = "info") {
    // Only the service's own lines carry this field, not the manager's lines about it.
    const own = [`_SYSTEMD_UNIT=${unit}`, `--priority=${priority}`, "--lines=1", "--output=cat"];
    return (await run("journalctl", [...own, "--no-pager", "--quiet"]).catch(() => "")).trim();
  },
  async exposure(unit) {
    return parseExposure(await run("systemd-analyze", ["security", "--no-pager", unit]).catch(() => ""));
  },
  startLater: (timer, unit, seconds) =>
    runByTimer(timer, seconds, [`--description=Take the battery of ${unit} back`, "systemctl", "start", unit]),
  runLater: (timer, command, seconds) =>
    runByTimer(timer, seconds, ["--property=Restart=on-failure", "--property=RestartSec=60", ...command]),
};

async function runByTimer(timer: string, seconds: number, words: readonly string[]): Promise<void> {
  const timing = [`--on-active=${seconds}`, "--timer-property=AccuracySec=1s"];
  await run("systemd-run", ["--quiet", "--collect", `--unit=${timer}`, ...timing, ...words]);
}

/** The command's stdout. @throws {ServiceError} with its stderr if it fails */
async function run(command: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await outputOf(command, args).catch((error: Error) => {
    throw serviceError(`${command} cannot be run: ${error.message}`);
  });
  if (status === 0) return stdout;
  throw serviceError(stderr.trim() || `${command} ${args.join(" ")} ended with status ${status}`);
}

/** Exists while systemd is the init system (sd_booted(3)). */
const BOOTED = "/run/systemd/system";
const NOT_BOOTED =
  "systemd does not run this machine, so there are no services: start bms-aggregator and one bms-agent per battery by hand";

/** An error with the message of a command, or with the reason why none of them can work. */
export function serviceError(message: string, booted = BOOTED): ServiceError {
  return new ServiceError(existsSync(booted) ? message : NOT_BOOTED);
}

export interface CommandOutput {
  /** Undefined if a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, in the C locale. @throws {Error} if it cannot be started */
export function outputOf(command: string, args: readonly string[]): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (chunk: string) => {
        output[stream] += chunk;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ status: code ?? undefined, ...output }));
  });
}
