import { readFileSync } from "node:fs";
import { parseAgentFile } from "./env-file.ts";

/** Directories of the installed package. */
export interface Installation {
  /** The agents' environment files: NAME.env. */
  readonly files: string;
  /** The agents' runtime directories: NAME/status.json. */
  readonly runtime: string;
  /** The agents' unsettled readings: agent-NAME. */
  readonly state: string;
}

export const INSTALLATION: Installation = {
  files: "/etc/bms/agents",
  runtime: "/run/bms-agent",
  state: "/var/lib/bms",
};

/** The aggregator's runtime directory. */
export const AGGREGATOR_RUNTIME = "/run/bms";

/** Set by the units, unless the files below set something else. */
export const UNIT_SETTINGS = {
  BMS_ENDPOINT: "ipc:///run/bms/readings.sock",
  BMS_OUTPUT: "unix:///run/telegraf/bms.sock",
} as const;

export const COMMON_FILE = "/etc/bms/common.env";
export const AGGREGATOR_FILE = "/etc/bms/aggregator.env";

/** The environment of the aggregator's service, as far as it may be read. */
export function aggregatorSettings(): Readonly<Record<string, string>> & typeof UNIT_SETTINGS {
  return { ...UNIT_SETTINGS, ...variablesIn(COMMON_FILE), ...variablesIn(AGGREGATOR_FILE) };
}

/** The environment that all services share. */
export function commonSettings(): Readonly<Record<string, string>> {
  return variablesIn(COMMON_FILE);
}

/** The variables of an environment file; none if it may not be read. */
export function variablesIn(file: string): Record<string, string> {
  try {
    return Object.fromEntries(parseAgentFile(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
