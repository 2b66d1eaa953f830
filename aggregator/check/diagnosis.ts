import { type ConfigurationFile, parseDuration, type Table } from "./configuration.ts";
import { type Finding, telegrafFault, telegrafNote } from "./finding.ts";
import type { NatsServer } from "./nats-server.ts";
import { agentSettings, type PlacedTable, plugins } from "./plugins.ts";
import { checkSites } from "./sites.ts";
import { LISTENER_SETTINGS, OLDEST_TELEGRAF } from "./telegraf-settings.ts";

export interface Version {
  readonly major: number;
  readonly minor: number;
}

export interface Configuration {
  readonly files: readonly ConfigurationFile[];
  /** True if Telegraf reads no other files. Otherwise a missing setting may be in one of those. */
  readonly complete: boolean;
  /** Path of the socket that the aggregator writes to; absent at a centre, which has none. */
  readonly socket?: string;
  /** Telegraf's version, if known. */
  readonly version?: Version;
  /** Delay in ms after which a reading that Telegraf has read counts as stored. */
  readonly settleMs: number;
  /** The nats-server of this machine, if there is one whose configuration can be read. */
  readonly natsServer?: NatsServer;
  /** The site of the agents of this machine, if there is one. */
  readonly site?: string;
}

/** Telegraf's own defaults. */
const DEFAULT_FLUSH_INTERVAL_MS = 10_000;
const DEFAULT_BUFFER_LIMIT = 10_000;

/** Outputs that buffer nothing. */
const WITHOUT_DATABASE = ["outputs.prometheus_client", "outputs.file", "outputs.discard"];

/** Rows of four batteries at 10 s in a day. */
export const ROWS_OF_A_DAY = 4 * 8640;

/** Settings of Telegraf that would lose or corrupt the readings written to `socket`. */
export function diagnose(configuration: Configuration): Finding[] {
  const { files, version } = configuration;
  const ofVersion = version ? checkVersion(version) : [];
  if (files.length === 0) return ofVersion;
  return [...ofVersion, ...checkListeners(configuration), ...checkOutputs(configuration), ...checkSites(configuration)];
}

function checkListeners(configuration: Configuration): Finding[] {
  const { files, socket } = configuration;
  if (socket === undefined) return [];
  const findings: Finding[] = [];
  const listeners = plugins(files, "inputs", "socket_listener");
  const ours = listeners.filter(({ table }) => socketPath(table) === socket);
  if (ours.length === 0) findings.push(noListener(configuration, listeners));
  for (const { path } of ours.slice(1)) {
    findings.push(
      telegrafFault(
        `${path}: a second socket_listener on ${socket}: the one that Telegraf starts last takes the socket from the other`,
        "give each its own path, and each path an --output",
      ),
    );
  }
  for (const listener of ours) findings.push(...checkListener(listener), ...checkSiteTag(listener, configuration));
  return findings;
}

/** Parses `Telegraf 1.37.2 (git: HEAD@…)`, as `telegraf --version` prints it; undefined for a build without a version. */
export function parseVersion(text: string): Version | undefined {
  const found = /\bTelegraf v?(\d+)\.(\d+)/i.exec(text);
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}

function checkVersion(version: Version): Finding[] {
  if (!isOlder(version, OLDEST_TELEGRAF)) return [];
  const { major, minor } = OLDEST_TELEGRAF;
  return [
    telegrafFault(
      `Telegraf ${version.major}.${version.minor} is too old: it reads the documents of two connections with one parser ` +
        "at the same time, files values under the wrong names, and crashes",
      `install ${major}.${minor} or newer`,
    ),
  ];
}

function checkListener({ path, table }: PlacedTable): Finding[] {
  const findings: Finding[] = [];
  const scheme = String(table.service_address).split("://")[0];
  if (scheme !== "unix") {
    findings.push(
      telegrafFault(
        `${path}: service_address is a ${scheme} socket: the aggregator writes a stream, which waits where a datagram ` +
          "would be lost",
        `set service_address = ${toml(`unix://${socketPath(table)}`)}`,
      ),
    );
  }
  for (const setting of LISTENER_SETTINGS) {
    const found = table[setting.name];
    if (setting.isHarmless(found)) continue;
    const state = found === undefined ? "is not set" : `is ${toml(found)}`;
    const remedy =
      setting.value === undefined ? `remove ${setting.name}` : `set ${setting.name} = ${toml(setting.value)}`;
    findings.push(telegrafFault(`${path}: ${setting.name} ${state}: ${setting.consequence}`, remedy));
  }
  return findings;
}

/** Without a site the documents have no such column. */
function checkSiteTag({ path, table }: PlacedTable, { site }: Configuration): Finding[] {
  const columns = [table.csv_tag_columns].flat();
  if (columns.includes("site") || !columns.includes("meter")) return [];
  if (site === undefined) {
    const message = `${path}: csv_tag_columns has no "site", which is right as long as no agent has a site. common.env and aggregator.env have none`;
    return [telegrafNote(message, `add "site" to csv_tag_columns if an agent has --site or BMS_SITE elsewhere`)];
  }
  return [
    telegrafFault(
      `${path}: csv_tag_columns has no "site": the site ${site} becomes a text field, and meters of the same name at two ` +
        "sites become one series",
      `add "site" to csv_tag_columns`,
    ),
  ];
}

function noListener(configuration: Configuration, listeners: readonly PlacedTable[]): Finding {
  const others = listeners.map(({ path, table }) => `${table.service_address} (${path})`);
  const found = others.length > 0 ? `it has ${others.join(", ")}` : "it has no socket_listener at all";
  return missing(
    configuration,
    `no socket_listener for unix://${configuration.socket} in Telegraf's configuration: ${found}`,
    "copy telegraf/battery.conf to /etc/telegraf/telegraf.d, or name the right path with --output",
  );
}

function checkOutputs(configuration: Configuration): Finding[] {
  const { files, settleMs } = configuration;
  const agent = agentSettings(files);
  const outputs = plugins(files, "outputs");
  if (outputs.length === 0) {
    const message = "no output in Telegraf's configuration: Telegraf does not start without one";
    return [missing(configuration, message, "add one, such as [[outputs.influxdb]]")];
  }
  return outputs.flatMap(({ name, path, table }) => {
    const findings: Finding[] = [];
    const setting = (key: string) => table[key] ?? agent[key];
    const flushMs =
      (parseDuration(setting("flush_interval")) ?? DEFAULT_FLUSH_INTERVAL_MS) +
      (parseDuration(setting("flush_jitter")) ?? 0);
    if (flushMs >= settleMs) {
      findings.push(
        telegrafFault(
          `${path}: ${name} writes every ${flushMs / 1000} s, but a reading counts as stored ${settleMs / 1000} s after ` +
            "Telegraf has read it: the readings that Telegraf still holds are lost when it dies",
          `lower flush_interval, or start the aggregator with --settle ${Math.ceil((flushMs * 2) / 1000)}`,
        ),
      );
    }
    const limit = Number(setting("metric_buffer_limit") ?? DEFAULT_BUFFER_LIMIT);
    if (limit < ROWS_OF_A_DAY && agent.buffer_strategy !== "disk" && !WITHOUT_DATABASE.includes(name)) {
      findings.push({
        level: "note",
        about: "telegraf",
        message:
          `${path}: while its database is away ${name} keeps ${limit} rows (four batteries at 10 s: ` +
          `${Math.round((24 * limit) / ROWS_OF_A_DAY)} h), then drops the oldest`,
        remedy: `set metric_buffer_limit = ${ROWS_OF_A_DAY} for a day`,
      });
    }
    return findings;
  });
}

/** Path of a listener on a unix socket of any type; undefined for one on the network. */
function socketPath(table: Table): string | undefined {
  return /^unix(?:gram|packet)?:\/\/(.*)$/.exec(String(table.service_address))?.[1];
}

function isOlder(version: Version, than: Version): boolean {
  return version.major < than.major || (version.major === than.major && version.minor < than.minor);
}

/** Strings, numbers and arrays of them are spelled alike in TOML and JSON. */
function toml(value: unknown): string {
  return JSON.stringify(value);
}

function missing({ complete }: Configuration, message: string, remedy: string): Finding {
  return { level: complete ? "fault" : "note", about: "telegraf", message, remedy };
}
