import { formatColumns } from "../../../common/cli/columns.ts";
import type { LogLevel } from "../../../common/runtime/log.ts";
import {
  collectAdvertisements,
  createScanResults,
  type ScanResult,
  type ScanResults,
} from "../../drivers/discovery.ts";
import { openRadio, type RadioChoice } from "../../radio/open-radio.ts";
import { defineCommand, type World } from "../command.ts";
import { chooseRadio } from "../device-options.ts";
import { liveTable } from "../redrawn-table.ts";

export interface ScanOptions {
  readonly radio: RadioChoice;
  readonly seconds: number;
  readonly json: boolean;
  readonly logLevel: LogLevel;
}

const DEFAULT_S = 10;
const REDRAW_MS = 500;
const NOTHING =
  "nothing was heard: switch the battery on, end its connection with any phone, come closer, and try again";

export const scan = defineCommand<ScanOptions>({
  name: "scan",
  about: "Shows what is in range, and what of it may be a battery, until it is stopped or the time is up.",
  options: ["seconds", "json", "adapter", "radio", "logLevel"],
  examples: [
    ["bms-agent scan", `for ${DEFAULT_S} s, as a table`],
    ["bms-agent scan --seconds 60 --json", "at the end one line of JSON each"],
  ],
  read(words) {
    const { seconds = DEFAULT_S, json = false, logLevel = "info" } = words.values;
    return { radio: chooseRadio(words), seconds, json, logLevel };
  },
  async run({ radio: choice, seconds, json, logLevel }, world) {
    const { clock, stop, createLog, print, terminal } = world;
    const log = createLog(logLevel, "bms-agent scan");
    const radio = await openRadio(choice, { clock, log });
    const results = createScanResults();
    try {
      const listening = collectAdvertisements(results, seconds * 1_000, { radio, clock }, stop);
      if (json || !terminal()) await listening;
      else await showWhile(listening, results, world);
    } finally {
      await radio.close();
    }
    const found = results.list();
    if (json) for (const one of found) print(`${JSON.stringify(facts(one))}\n`);
    else if (!terminal()) print(scanTable(found));
    if (found.length === 0) log.warn(NOTHING);
    return 0;
  },
});

/** Redraws the table until the listening is over. */
async function showWhile(
  listening: Promise<void>,
  results: ScanResults,
  { clock, print, terminal }: World,
): Promise<void> {
  const show = liveTable(print, () => terminal() ?? { rows: 24, columns: 80 });
  const over = new AbortController();
  const listened = listening.finally(() => over.abort());
  listened.catch(() => {});
  while (!over.signal.aborted) {
    await clock.sleep(REDRAW_MS, over.signal).catch(() => {});
    show(scanTable(results.list()));
  }
  await listened;
}

/** What there is to say of one device in range. */
export function facts({ advertisement, recognised }: ScanResult) {
  const { address, addressType, name, rssi, services } = advertisement;
  const { driver, confidence = null, why = null } = recognised ?? {};
  return { address, addressType, name, rssi: rssi ?? null, services, kind: driver?.name ?? null, confidence, why };
}

const COLUMNS = ["address", "type", "name", "signal", "kind", "why"] as const;

/** For people. */
export function scanTable(found: readonly ScanResult[]): string {
  const rows = found.map((one) => {
    const { address, addressType, name, rssi, kind, confidence, why } = facts(one);
    const signal = rssi === null ? "" : `${rssi} dBm`;
    return [address, addressType, name, signal, kind ? `${kind} (${confidence})` : "-", why ?? ""];
  });
  return formatColumns([COLUMNS, ...rows]);
}
