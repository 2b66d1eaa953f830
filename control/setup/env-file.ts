import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "../../common/model/address.ts";

/** The settings that `bmsctl add` writes for a service. */
export interface AgentSettings {
  readonly address: Address;
  /** Seconds. */
  readonly interval: number;
  readonly site?: string;
  readonly driver?: string;
  readonly adapter?: string;
  readonly radio?: string;
}

/** An environment file as systemd reads it (systemd.exec(5), EnvironmentFile=). */
export function formatAgentFile(instance: string, settings: AgentSettings): string {
  const { address, interval, site, driver, adapter, radio } = settings;
  const variables = {
    BMS_ADDRESS: address,
    BMS_INTERVAL: String(interval),
    ...(site !== undefined && { BMS_SITE: site }),
    ...(driver !== undefined && { BMS_DRIVER: driver }),
    ...(adapter !== undefined && { BMS_ADAPTER: adapter }),
    ...(radio !== undefined && { BMS_RADIO: radio }),
  };
  return [
    `# Options of bms-agent@${instance}, as in bms-agent --help.`,
    `# After a change: sudo systemctl restart bms-agent@${instance}`,
    ...Object.entries(variables).map(([name, value]) => `${name}=${quotedValue(value)}`),
    "",
  ].join("\n");
}

/** A value of an environment file, in quotation marks only if it needs them. */
export function quotedValue(value: string): string {
  return /^[\w.:@/-]+$/.test(value) ? value : `"${value.replace(/["\\$\x60]/g, "\\$&")}"`;
}

/** Writes the file atomically, for everybody to read: it contains no password. @throws {Error} if the directory is not writable */
export function writeAgentFile(folder: string, instance: string, settings: AgentSettings): void {
  writeAside(join(folder, `${instance}.env`), formatAgentFile(instance, settings), 0o644);
}

/**
 * Writes the password of an agent, which the service manager reads as root and passes to this agent alone. Atomic, and
 * readable by nobody but the owner at any time. @throws {Error} if the directory is not writable
 */
export function writePinFile(folder: string, instance: string, pin: string): void {
  writeAside(join(folder, instance), `${pin}\n`, 0o600);
}

function writeAside(file: string, text: string, mode: number): void {
  const aside = `${file}.new`;
  rmSync(aside, { force: true });
  writeFileSync(aside, text, { mode, flag: "wx" });
  renameSync(aside, file);
}
