import { readFileSync } from "node:fs";
import { parseAgentFile } from "./env-file.ts";

/** What the units set for both programs where the files below say nothing else. */
export const UNIT_SETTINGS = {
  BMS_ENDPOINT: "ipc:///run/bms/readings.sock",
  BMS_OUTPUT: "unix:///run/telegraf/bms.sock",
} as const;

const COMMON_FILE = "/etc/bms/common.env";
const AGGREGATOR_FILE = "/etc/bms/aggregator.env";

/** The environment in which the aggregator's service runs, as far as it may be read. */
export function aggregatorSettings(): Readonly<Record<string, string>> & typeof UNIT_SETTINGS {
  return { ...UNIT_SETTINGS, ...variablesIn(COMMON_FILE), ...variablesIn(AGGREGATOR_FILE) };
}

/** The environment that all services share. */
export function commonSettings(): Readonly<Record<string, string>> {
  return variablesIn(COMMON_FILE);
}

function variablesIn(file: string): Record<string, string> {
  try {
    return Object.fromEntries(parseAgentFile(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
