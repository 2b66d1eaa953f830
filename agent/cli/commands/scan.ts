import { formatColumns } from "../../../common/cli/columns.ts";
import type { LogLevel } from "../../../common/runtime/log.ts";
import { createRange, type InRange, listen, type Range } from "../../drivers/discovery.ts";
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
    const range = createRange();
    try {
      const listening = listen(range, radio, seconds * 1_000, clock, stop);
      if (json || !terminal()) await listening;
      else await showWhile(listening, range, world);
    } finally {
      await radio.close();
    }
    const found = range.found();
    if (json) for (const one of found) print(`${JSON.stringify(facts(one))}\n`);
    else if (!terminal()) print(scanTable(found));
    if (found.length === 0) log.warn(NOTHING);
    return 0;
  },
});

/** Redraws the table until the listening is over. */
async function showWhile(listening: Promise<void>, range: Range, { clock, print, terminal }: World): Promise<void> {
  const show = liveTable(print, () => terminal() ?? { rows: 24, columns: 80 });
  const over = new AbortController();
  const listened = listening.finally(() => over.abort());
  listened.catch(() => {});
  while (!over.signal.aborted) {
    await clock.sleep(REDRAW_MS, over.signal).catch(() => {});
    show(scanTable(range.found()));
  }
  await listened;
}

/** What there is to say of one device in range. */
export function facts({ heard, recognised }: InRange) {
  const { address, addressType, name, rssi, services } = heard;
  const { kind = null, confidence = null, why = null } = recognised ?? {};
  return { address, addressType, name, rssi: rssi ?? null, services, kind, confidence, why };
}

const COLUMNS = ["address", "type", "name", "signal", "kind", "why"] as const;

/** For people. */
export function scanTable(found: readonly InRange[]): string {
  const rows = found.map((one) => {
    const { address, addressType, name, rssi, kind, confidence, why } = facts(one);
    const signal = rssi === null ? "" : `${rssi} dBm`;
    return [address, addressType, name, signal, kind ? `${kind} (${confidence})` : "-", why ?? ""];
  });
  return formatColumns([COLUMNS, ...rows]);
}
