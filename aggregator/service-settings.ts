import { existsSync } from "node:fs";
import { readEnvironmentFile } from "../common/systemd/environment-file.ts";

/** Environment files of the installed package. */
export interface ServiceFiles {
  /** Shared by all services. */
  readonly common: string;
  readonly aggregator: string;
}

export const SERVICE_FILES: ServiceFiles = {
  common: "/etc/bms/common.env",
  aggregator: "/etc/bms/aggregator.env",
};

/** Set by the units, unless the files set something else. */
export const UNIT_SETTINGS = {
  BMS_ENDPOINT: "ipc:///run/bms/readings.sock",
  BMS_OUTPUT: "unix:///run/telegraf/bms.sock",
} as const;

export type ServiceSettings = Readonly<Record<string, string>> & Readonly<Record<keyof typeof UNIT_SETTINGS, string>>;

/** The environment of the aggregator's service, as far as it may be read. */
export function serviceSettings({ common, aggregator }: ServiceFiles = SERVICE_FILES): ServiceSettings {
  return { ...UNIT_SETTINGS, ...readEnvironmentFile(common), ...readEnvironmentFile(aggregator) };
}

/** True if the package is installed. */
export function hasService({ aggregator }: ServiceFiles = SERVICE_FILES): boolean {
  return existsSync(aggregator);
}
