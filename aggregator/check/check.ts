import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { probeSocket } from "../../common/runtime/unix-socket.ts";
import { type OutputUrl, socketOf } from "../outputs/output-url.ts";
import { explainSocketFault } from "../outputs/socket-fault.ts";
import { readConfiguration } from "./configuration.ts";
import { diagnose, parseVersion, type Version } from "./diagnosis.ts";
import { type CheckReport, type Finding, isFault, type OutputCheck } from "./finding.ts";
import { NATS_CONFIGURATION, type NatsServer, parseNatsServer } from "./nats-server.ts";
import { TELEGRAF_CONFIGURATION } from "./telegraf-paths.ts";
import { OLDEST_TELEGRAF } from "./telegraf-settings.ts";

export interface CheckOptions {
  /** Delay in ms after which a reading that Telegraf has read counts as stored. */
  readonly settleMs: number;
  /** Telegraf's configuration, files or directories; where its packages install it when absent. */
  readonly telegrafConfig?: readonly string[];
  /** Configuration of nats-server, of which the first that can be read counts; where packages install it when absent. */
  readonly natsConfig?: readonly string[];
  /** The site of the agents of this machine. */
  readonly site?: string;
}

/** Checks every output, and the Telegraf behind each socket. Writes nothing to any of them. */
export async function checkOutputs(outputs: readonly OutputUrl[], options: CheckOptions): Promise<CheckReport> {
  const checks: OutputCheck[] = [];
  const hasSocket = outputs.some((output) => socketOf(output) !== undefined);
  for (const output of outputs) checks.push(await checkOutput(output, hasSocket, options));
  return { version: 1, ok: checks.every(({ ok }) => ok), outputs: checks };
}

async function checkOutput(output: OutputUrl, hasSocket: boolean, options: CheckOptions): Promise<OutputCheck> {
  const socket = socketOf(output);
  const findings = await findingsOf(socket, hasSocket, options);
  return { output, ok: !findings.some(isFault), findings };
}

/** Without any socket, as at a centre that has no aggregator, the configuration that the operator names is checked. */
async function findingsOf(
  socket: string | undefined,
  hasSocket: boolean,
  options: CheckOptions,
): Promise<readonly Finding[]> {
  if (socket !== undefined) return checkSocketAndTelegraf(socket, options);
  return options.telegrafConfig && !hasSocket ? checkTelegraf(undefined, options) : [];
}

/** A machine without Telegraf needs no advice on its settings. */
async function checkSocketAndTelegraf(path: string, options: CheckOptions): Promise<readonly Finding[]> {
  const ofSocket = await checkSocket(path);
  if (ofSocket[0]?.code !== "ENOENT" || (await isTelegrafHere(options)))
    return [...ofSocket, ...(await checkTelegraf(path, options))];
  const { major, minor } = OLDEST_TELEGRAF;
  const remedy = `install Telegraf ${major}.${minor} or newer, and copy telegraf/battery.conf to /etc/telegraf/telegraf.d`;
  const message = `there is no ${path}, and no Telegraf on this machine`;
  return [{ level: "fault", about: "output", code: "ENOENT", message, remedy }];
}

/** True if Telegraf or its configuration is installed. */
async function isTelegrafHere({ telegrafConfig }: CheckOptions): Promise<boolean> {
  if (telegrafConfig || TELEGRAF_CONFIGURATION.some((path) => existsSync(path))) return true;
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) => existsSync(join(folder, "telegraf")));
}

/** Checks that somebody listens at the socket and that this user may write to it. */
export async function checkSocket(path: string): Promise<Finding[]> {
  const code = await probeSocket(path);
  return code === undefined ? [] : [{ level: "fault", about: "output", code, ...explainSocketFault(code, path) }];
}

/** Checks the Telegraf of this machine and its configuration, as far as both can be read. */
export async function checkTelegraf(socket: string | undefined, options: CheckOptions): Promise<Finding[]> {
  const { settleMs, telegrafConfig, site } = options;
  const natsServer = readNatsServer(options.natsConfig ?? NATS_CONFIGURATION);
  const paths = telegrafConfig ?? TELEGRAF_CONFIGURATION.filter((path) => existsSync(path));
  const [{ files, unread }, version] = await Promise.all([readConfiguration(paths), installedVersion()]);
  const complete = files.length > 0 && unread.length === 0;
  const findings = diagnose({
    files,
    complete,
    settleMs,
    ...(socket !== undefined && { socket }),
    ...(natsServer && { natsServer }),
    ...(version && { version }),
    ...(site !== undefined && { site }),
  });
  // The operator named these files, so they must be readable; of the packages' own, permissions may hide parts.
  const level = telegrafConfig ? "fault" : "note";
  findings.push(...unread.map((message): Finding => ({ level, about: "telegraf", message })));
  if (paths.length === 0) {
    findings.push({
      level: "note",
      about: "telegraf",
      message: `there is no ${TELEGRAF_CONFIGURATION.join(" and no ")}`,
      remedy: "name Telegraf's configuration with --telegraf-config, or BMS_TELEGRAF_CONFIG in /etc/bms/aggregator.env",
    });
  }
  if (!version) {
    const message = "Telegraf's version was not checked: no telegraf on PATH reports one";
    findings.push({ level: "note", about: "telegraf", message });
  }
  return findings;
}

function readNatsServer(paths: readonly string[]): NatsServer | undefined {
  for (const path of paths) {
    try {
      return parseNatsServer(path, readFileSync(path, "utf8"));
    } catch {
      // It is not installed, or not for this user to read.
    }
  }
  return undefined;
}

async function installedVersion(): Promise<Version | undefined> {
  try {
    const { stdout } = await promisify(execFile)("telegraf", ["--version"], { timeout: 10_000 });
    return parseVersion(stdout);
  } catch {
    return undefined;
  }
}
