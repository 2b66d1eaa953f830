import { chownSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "../../common/model/address.ts";

/** The settings that `bmsctl add` writes for a service. */
export interface AgentSettings {
  readonly address: Address;
  /** Seconds. */
  readonly interval: number;
  readonly driver?: string;
  readonly adapter?: string;
  readonly radio?: string;
  readonly pin?: string;
}

/** An environment file as systemd reads it (systemd.exec(5), EnvironmentFile=). */
export function formatAgentFile(instance: string, settings: AgentSettings): string {
  const { address, interval, driver, adapter, radio, pin } = settings;
  const variables = {
    BMS_ADDRESS: address,
    BMS_INTERVAL: String(interval),
    ...(driver !== undefined && { BMS_DRIVER: driver }),
    ...(adapter !== undefined && { BMS_ADAPTER: adapter }),
    ...(radio !== undefined && { BMS_RADIO: radio }),
    ...(pin !== undefined && { BMS_PIN: pin }),
  };
  return [
    `# Options of bms-agent@${instance}, as in bms-agent --help.`,
    `# After a change: sudo systemctl restart bms-agent@${instance}`,
    ...Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`),
    "",
  ].join("\n");
}

/** Quoted only if needed. */
function quoted(value: string): string {
  return /^[\w.:@/-]+$/.test(value) ? value : `"${value.replace(/["\\$\x60]/g, "\\$&")}"`;
}

/**
 * Writes the file atomically. If it contains a PIN, only root and the services' group may read it.
 * @throws {Error} if the directory is not writable
 */
export function writeAgentFile(folder: string, instance: string, settings: AgentSettings, groupId: number): void {
  const file = join(folder, `${instance}.env`);
  const aside = `${file}.new`;
  rmSync(aside, { force: true });
  writeFileSync(aside, formatAgentFile(instance, settings), {
    mode: settings.pin === undefined ? 0o644 : 0o640,
    flag: "wx",
  });
  chownSync(aside, process.getuid?.() ?? 0, groupId);
  renameSync(aside, file);
}

/** Number of the group in `/etc/group`; undefined if it does not exist. */
export function groupIdOf(name: string, groupFile = "/etc/group"): number | undefined {
  const line = readFileSync(groupFile, "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  return line === undefined ? undefined : Number(line.split(":")[2]);
}
