import { outputOf } from "./command-output.ts";

/** The service manager, as far as batteries need it. */
export interface Services {
  /** Units that match, loaded or with a file of their own. */
  list(pattern: string): Promise<readonly string[]>;
  show(units: readonly string[]): Promise<readonly UnitState[]>;
  /** Runs a command of systemctl. @throws {ServiceError} */
  control(...words: readonly string[]): Promise<void>;
  /** The last line of so much weight that a service has said; empty where there is none, or it may not be read. */
  lastWords(unit: string, least?: "info" | "warning"): Promise<string>;
  /** Starts `unit` again after a while, whatever becomes of this process. @throws {ServiceError} */
  startLater(timer: string, unit: string, seconds: number): Promise<void>;
}

/** One unit as `systemctl show` tells of it. */
export interface UnitState {
  readonly unit: string;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  /** `enabled`, `disabled`, or empty where there is no such unit. */
  readonly enabled: string;
  /** What the program itself says of its state. */
  readonly status: string;
  readonly result: string;
  /** Exit status or signal of the last run. */
  readonly exit: number;
}

/** systemctl refused; the message is its own. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
}

/** Property of `systemctl show` → where it stands in a UnitState. */
const PROPERTIES = {
  Id: "unit",
  LoadState: "load",
  ActiveState: "active",
  SubState: "sub",
  UnitFileState: "enabled",
  StatusText: "status",
  Result: "result",
  ExecMainStatus: "exit",
} as const satisfies Record<string, keyof UnitState>;

/** Blocks of `NAME=value` lines with an empty line between two units. */
export function parseUnitStates(text: string): UnitState[] {
  return text
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== "")
    .map((block) => {
      const said = new Map(block.split("\n").map((line) => splitAt(line, "=")));
      const state = Object.entries(PROPERTIES).map(([property, name]) => [name, said.get(property) ?? ""]);
      return Object.fromEntries([...state, ["exit", Number(said.get("ExecMainStatus") ?? 0)]]) as UnitState;
    });
}

/** First words of the lines of `systemctl list-units` and `list-unit-files`; templates are no units. */
export function parseUnitNames(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[0] ?? "")
    .filter((name) => name !== "" && !name.includes("@."));
}

function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return [line.slice(0, at), line.slice(at + 1)];
}

/** systemd on this machine. */
export const systemdServices: Services = {
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
  async lastWords(unit, least = "info") {
    // Only the service's own words carry this field, not the manager's about it.
    const own = [`_SYSTEMD_UNIT=${unit}`, `--priority=${least}`, "--lines=1", "--output=cat", "--no-pager", "--quiet"];
    return (await run("journalctl", own).catch(() => "")).trim();
  },
  async startLater(timer, unit, seconds) {
    const description = `--description=Take the battery of ${unit} back`;
    const timing = [`--on-active=${seconds}`, "--timer-property=AccuracySec=1s"];
    await run("systemd-run", [
      "--quiet",
      "--collect",
      `--unit=${timer}`,
      description,
      ...timing,
      "systemctl",
      "start",
      unit,
    ]);
  },
};

/** What a command prints. @throws {ServiceError} where it fails, with what it says */
async function run(command: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await outputOf(command, args).catch((error: Error) => {
    throw new ServiceError(`${command} cannot be run: ${error.message}`, { cause: error });
  });
  if (status === 0) return stdout;
  throw new ServiceError(stderr.trim() || `${command} ${args.join(" ")} ended with status ${status}`);
}
