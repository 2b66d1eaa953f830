import type { Environment } from "./option.ts";

/**
 * The environment variables of all programs together: one file, /etc/bms/common.env, sets them for every service. A test
 * compares the list with the option tables.
 */
export const VARIABLES: readonly string[] = [
  "BMS_ADAPTER",
  "BMS_ADDRESS",
  "BMS_ALERTS",
  "BMS_CAPTURE",
  "BMS_CHECK",
  "BMS_DRIVER",
  "BMS_ENDPOINT",
  "BMS_FEED",
  "BMS_HISTORY",
  "BMS_HISTORY_MB",
  "BMS_HOST_NAME",
  "BMS_HTTP",
  "BMS_INTERVAL",
  "BMS_JSON",
  "BMS_LOG_LEVEL",
  "BMS_METER",
  "BMS_MINUTES",
  "BMS_ONCE",
  "BMS_OUTPUT",
  "BMS_PIN",
  "BMS_PIN_FILE",
  "BMS_RADIO",
  "BMS_SECONDS",
  "BMS_SETTLE",
  "BMS_SPOOL",
  "BMS_SPOOL_WHEN",
  "BMS_STATUS",
  "BMS_TELEGRAF_CONFIG",
  "BMS_TOKEN_FILE",
  "BMS_UNTESTED",
  "BMS_WITHOUT_TOKEN",
  // Set by the unit of an agent, and for a simulated radio.
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
      const similar = nearest(name);
      const hint = similar ? `did you mean ${similar}?` : "the --help of each program lists its variables";
      return `${name} is not an option and is ignored: ${hint}`;
    });
}

function nearest(name: string): string | undefined {
  const ranked = VARIABLES.map((known) => ({ known, errors: editDistance(name.toUpperCase(), known) }));
  const [best] = ranked.sort((a, b) => a.errors - b.errors);
  return best && best.errors <= MOST_ERRORS ? best.known : undefined;
}

/** Characters to insert, delete or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[j], row[j + 1], row[j]];
      next.push(Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
