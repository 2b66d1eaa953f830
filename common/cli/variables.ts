import { nearestWord } from "../model/nearest-word.ts";
import type { Environment } from "./option.ts";

/**
 * The environment variables of all programs together: one file, /etc/bms/common.env, sets them for every service. A test
 * compares the list with the option tables.
 */
export const VARIABLES: readonly string[] = [
  "BMS_ADAPTER",
  "BMS_ADDRESS",
  "BMS_AGGREGATOR_KEY",
  "BMS_ALERTS",
  "BMS_CAPTURE",
  "BMS_CHECK",
  "BMS_CHEMISTRY",
  "BMS_DRIVER",
  "BMS_ENDPOINT",
  "BMS_EXPERT",
  "BMS_FEED",
  "BMS_FILE",
  "BMS_HISTORY",
  "BMS_HISTORY_MB",
  "BMS_HOST_ADDRESS",
  "BMS_HOST_KEY",
  "BMS_HOST_NAME",
  "BMS_HOSTS",
  "BMS_HTTP",
  "BMS_INTERVAL",
  "BMS_JSON",
  "BMS_LOG_LEVEL",
  "BMS_METER",
  "BMS_MINUTES",
  "BMS_NAME",
  "BMS_ONCE",
  "BMS_OUTPUT",
  "BMS_PAIRING_PORT",
  "BMS_PIN",
  "BMS_PIN_FILE",
  "BMS_PORT",
  "BMS_QR",
  "BMS_RADIO",
  "BMS_SAVE",
  "BMS_SECONDS",
  "BMS_SETTINGS_DIRECTORY",
  "BMS_SETTLE",
  "BMS_SITE",
  "BMS_SPOOL",
  "BMS_SPOOL_WHEN",
  "BMS_STATE",
  "BMS_STATUS",
  "BMS_TELEGRAF_CONFIG",
  "BMS_TOKEN_FILE",
  "BMS_TOML",
  "BMS_UNDO",
  "BMS_UNTESTED",
  "BMS_WITHOUT_TOKEN",
  "BMS_WRITE",
  "BMS_YES",
  // Set by the unit of an agent, and for a simulated radio.
  "BMS_BOOT_ID",
  "BMS_INSTANCE",
  "BMS_SIMULATOR",
];

/** More typing errors than this make another word. */
const MOST_ERRORS = 3;

/** One sentence for each variable that looks like an option and is none. */
export function unknownVariables(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith("BMS_") && !VARIABLES.includes(name))
    .sort()
    .map((name) => {
      const similar = nearestWord(name.toUpperCase(), VARIABLES, MOST_ERRORS);
      const hint = similar ? `did you mean ${similar}?` : "the --help of each program lists its variables";
      return `${name} is not an option and is ignored: ${hint}`;
    });
}
