import { type CommandDeps, defineCommand } from "../../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../../common/cli/option.ts";
import { redrawnTable } from "../../../common/cli/redrawn-table.ts";
import { formatColumns } from "../../../common/cli/text.ts";
import type { LogLevel } from "../../../common/runtime/log.ts";
import {
  collectAdvertisements,
  createScanResults,
  type ScanResult,
  type ScanResults,
} from "../../drivers/discovery.ts";
import { openRadio, type RadioChoice } from "../../radio/open-radio.ts";
import { connectedAgents, type LocalAgent, localAgents } from "../../status/local-agents.ts";
import { readRadioOptions } from "../device-options.ts";
import { AGENT_OPTIONS } from "../options.ts";

export interface ScanOptions {
  readonly radio: RadioChoice;
  readonly seconds: number;
  readonly json: boolean;
  readonly logLevel: LogLevel;
}

const REDRAW_MS = 500;
const NOTHING = "no device found: switch the battery on, disconnect its app on any phone, come closer and try again";

const { seconds, adapter, radio } = AGENT_OPTIONS;
const { json, logLevel } = SHARED_OPTIONS;

export const scan = defineCommand({
  name: "scan",
  about: "Lists the devices in range; recognised batteries first.",
  options: { seconds, json, adapter, radio, logLevel },
  examples: [
    ["bms-agent scan", `for ${seconds.preset} s, as a table`],
    ["bms-agent scan --seconds 60 --json", "for a minute, then one line of JSON per device"],
  ],
  read: ({ values, env }): ScanOptions => ({ ...values, radio: readRadioOptions(values, env) }),
  async run({ radio: choice, seconds, json, logLevel }, deps) {
    const { clock, stop, createLog, print, terminal } = deps;
    const log = createLog(logLevel, "bms-agent scan");
    const radio = await openRadio(choice, { clock, log });
    const results = createScanResults();
    try {
      const listening = collectAdvertisements(results, seconds * 1_000, { radio, clock }, stop);
      if (json || !terminal()) await listening;
      else await showWhile(listening, results, clock.monotonic() + seconds * 1_000, deps);
    } finally {
      await radio.close();
    }
    const found = results.list();
    if (json) for (const one of found) print(`${JSON.stringify(facts(one))}\n`);
    else if (!terminal() && found.length > 0) print(scanTable(found));
    const connected = connectedAgents(localAgents(), clock.now());
    if (connected.length > 0) log.info(connectedLine(connected));
    if (found.length === 0) log.warn(NOTHING);
    else if (terminal()) print(nextSteps(found));
    return found.length > 0 ? 0 : 1;
  },
});

/** Redraws the table until the scan is over. */
async function showWhile(
  listening: Promise<void>,
  results: ScanResults,
  endsAtMs: number,
  { clock, stdout, terminal }: CommandDeps,
): Promise<void> {
  const table = redrawnTable(
    (text) => void stdout.write(text),
    () => terminal() ?? { rows: 24, columns: 80 },
  );
  const over = new AbortController();
  const listened = listening.finally(() => over.abort());
  listened.catch(() => {});
  while (!over.signal.aborted) {
    await clock.sleep(REDRAW_MS, over.signal).catch(() => {});
    const left = Math.max(0, Math.ceil((endsAtMs - clock.monotonic()) / 1_000));
    const found = results.list("appearance");
    const state = over.signal.aborted ? "" : `\nscanning, ${left} s left; Ctrl-C ends it\n`;
    table.show(`${found.length > 0 ? scanTable(found) : ""}${state}`);
  }
  await listened;
}

/** A connected device does not advertise, so no scan finds it. */
function connectedLine(agents: readonly LocalAgent[]): string {
  const names = agents.map(({ name, status }) => `${name} (${status.address})`);
  return `not listed, because agents of this machine are connected to them: ${names.join(", ")}; bmsctl list shows them`;
}

/** The next step for the device that most likely is a battery. */
function nextSteps([first]: readonly ScanResult[]): string {
  return `\nnext:\n${formatColumns([
    [`  bms-agent info -b ${first?.advertisement.address}`, "shows its values"],
    ["  sudo bmsctl add", "sets up a battery on an installed system"],
  ])}`;
}

/** One device in range, as --json prints it. */
function facts({ advertisement, recognised }: ScanResult) {
  const { address, addressType, name, rssi, services } = advertisement;
  const { driver, confidence = null, why = null } = recognised ?? {};
  return { address, addressType, name, rssi: rssi ?? null, services, kind: driver?.name ?? null, confidence, why };
}

const COLUMNS = ["address", "type", "name", "signal", "kind", "why"] as const;

/** For people. */
function scanTable(found: readonly ScanResult[]): string {
  const rows = found.map((one) => {
    const { address, addressType, name, rssi, kind, confidence, why } = facts(one);
    const signal = rssi === null ? "" : `${rssi} dBm`;
    return [address, addressType, name, signal, kind ? `${kind} (${confidence})` : "-", why ?? ""];
  });
  return formatColumns([COLUMNS, ...rows]);
}
