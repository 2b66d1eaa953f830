import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redrawnTable } from "../../common/cli/redrawn-table.ts";
import { counted } from "../../common/model/count-text.ts";
import { parseAgentStatus, parseAggregatorStatus } from "../../common/model/status.ts";
import { systemClock } from "../../common/runtime/clock.ts";
import { createLog } from "../../common/runtime/log.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";
import { STOP_SIGNALS } from "../../common/runtime/stop-signals.ts";
import { csvRows, type Row } from "../csv-rows.ts";
import { type Program, startProgram } from "../program.ts";
import { balanceLine, deliveredReadings, isComplete } from "./balance.ts";
import { METERS, parseDemoOptions } from "./options.ts";
import { NO_PAGE, startPage } from "./page.ts";
import { batteryLines } from "./table.ts";

/** Registers whose answer makes a poll a reading: JBD's 0x03, either format of Thornwave. */
const MEASUREMENTS = new Set(["03", "v1", "v2"]);
const REDRAW_MS = 500;
/** Between two log lines about the state of the delivery, where no readings are shown. */
const REPORT_MS = 10_000;

const options = parseDemoOptions(process.argv.slice(2));
const { output: outputs } = options;
const sockets = outputs.filter((url) => url !== "-");
const toStdout = outputs.includes("-");
/** The newest readings are shown in place of CSV. */
const isLive = process.stdout.isTTY && !options.csv;
const standardOutput = isLive ? "this terminal" : "stdout";
const destination = outputs.map((url) => (url === "-" ? standardOutput : url)).join(" and ");

const folder = mkdtempSync(join(tmpdir(), "bms-demo-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const simulatorSocket = join(folder, "simulator.sock");
const answerLog = join(folder, "answers.jsonl");
const endpoint = `ipc://${join(folder, "readings.sock")}`;
const tokenFile = join(folder, "token");
const feed = `ipc://${join(folder, "live.sock")}`;

const screen = redrawnTable(
  (text) => process.stdout.write(text),
  () => process.stdout,
);

/** Prints a log line, of this program or another: on a terminal without the date, and above the table. */
function printLog(line: string) {
  const { isTTY } = process.stderr;
  const text = isTTY ? line.replace(/^\d{4}-\d\d-\d\d /, "") : line;
  if (isTTY && isLive) screen.printAbove(text);
  else process.stderr.write(`${text}\n`);
}
const log = createLog(options.logLevel, {
  name: "demo",
  target: { format: "file", write: (line) => printLog(line.trimEnd()) },
});

/** All rows by meter, as the aggregator wrote them. */
const rows = new Map<string, Row[]>(METERS.map(({ meter }) => [meter, []]));
/** Those that stdout has taken. */
const printed = new Set<Row>();
let lineRow: Row | undefined;
const readCsv = csvRows((row) => {
  lineRow = row;
});

function onCsvLine(line: string) {
  lineRow = undefined;
  readCsv(line);
  const row = lineRow as Row | undefined;
  if (row) rows.get(row.meter ?? "")?.push(row);
  if (isLive && row) printed.add(row);
  if (isLive || !toStdout) return;
  process.stdout.write(`${line}\n`, (error) => {
    if (row && !error) printed.add(row);
  });
}

let requestStop: (why: string) => void = () => {};
const stopRequested = new Promise<string>((resolve) => {
  requestStop = resolve;
});
let failed = false;
let isStopping = false;

const runtimeDirectory = (name: string) => join(folder, name);
const agentDirectory = (meter: string) => join("agents", meter);

/** Starts a program. If it ends by itself, the demo ends. */
function start(
  program: string,
  args: readonly string[],
  extra: { env?: Record<string, string>; onLine?: (line: string) => void; runtime?: string } = {},
) {
  const { env = {}, runtime = program, ...rest } = extra;
  mkdirSync(runtimeDirectory(runtime), { recursive: true });
  const RUNTIME_DIRECTORY = runtimeDirectory(runtime);
  const started = startProgram(program, args, { ...rest, env: { ...env, RUNTIME_DIRECTORY }, onLog: printLog });
  started.ended.then(
    ({ code, signal }) => {
      // SIGTERM ends one that has not come to handle it yet, and so has taken nothing.
      const isOnRequest = code === 0 || (isStopping && signal === "SIGTERM");
      if (!isOnRequest) failed = true;
      requestStop(`${program} ended (${signal ?? `exit status ${code}`})`);
    },
    (error: Error) => {
      failed = true;
      requestStop(`${program} cannot be started: ${error.message}`);
    },
  );
  return started;
}

/** Waits until a program logs that it works. If it ends instead, the demo ends with its exit status. */
async function untilReady(program: Program, ready: RegExp, others: readonly Program[] = []) {
  const works = await program.logged(ready).catch(() => undefined);
  if (works !== undefined) return;
  await Promise.all([...others, page].map((other) => other.stop()));
  process.exit((await program.ended).code ?? 1);
}

// A signal of the terminal does not reach the programs of the demo: they have process groups of their own.
for (const signal of STOP_SIGNALS) process.on(signal, () => requestStop("stopped"));
// The demo goes on when the reader of its log has exited.
process.stderr.on("error", () => {});
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) =>
  requestStop(code === "EPIPE" ? "the reader of stdout has exited" : `stdout cannot be written to: ${message}`),
);

/** Starts the viewer with nothing of this machine's own settings. If it ends, the demo goes on. */
function startViewer(http: string) {
  const settings = ["--alerts", join(folder, "alerts.toml"), "--token-file", tokenFile];
  writeFileSync(join(folder, "alerts.toml"), "");
  const status = [runtimeDirectory("bms-aggregator"), runtimeDirectory("agents")];
  const args = ["--http", http, "--feed", feed, "--status", ...status, ...settings, "--log-level", options.logLevel];
  return startProgram("bms-viewer", args);
}

const page = options.page
  ? await startPage(options.http, { startViewer, tokenFile, clock: systemClock, log })
  : NO_PAGE;
if (page.address !== undefined) log.info(`the page: ${page.address}`);
const simulator = start("simulator", [
  ...["--house", "--socket", simulatorSocket, "--log", answerLog, "--seed", options.seed, "--latency", options.latency],
  ...options.fault.flatMap((fault) => ["--fault", fault]),
]);
await untilReady(simulator, /listening/);
const aggregator = start(
  "bms-aggregator",
  [
    ...["--endpoint", endpoint, "--feed", feed, "--log-level", options.logLevel],
    ...["-", ...sockets].flatMap((url) => ["--output", url]),
  ],
  { onLine: onCsvLine },
);
await untilReady(aggregator, /listening on/, [simulator]);
const agents = METERS.map(({ meter, address }) =>
  start(
    "bms-agent",
    [
      ...["--address", address, "--meter", meter, "--interval", String(options.interval), "--radio", "simulated"],
      ...["--endpoint", endpoint, "--log-level", options.logLevel],
    ],
    { env: { BMS_SIMULATOR: simulatorSocket }, runtime: agentDirectory(meter) },
  ),
);
if (options.seconds) setTimeout(() => requestStop(`${options.seconds} s have passed`), options.seconds * 1000).unref();

const agentStatus = (meter: string) =>
  readStatusFile(statusPath(runtimeDirectory(agentDirectory(meter))), parseAgentStatus);

/** The sockets that cannot be written to at the moment, and the readings that wait for them; empty if there are none. */
function outage(): string {
  const status = readStatusFile(statusPath(runtimeDirectory("bms-aggregator")), parseAggregatorStatus);
  const away = status?.outputs.filter(({ name, state }) => sockets.includes(name) && state !== "open") ?? [];
  if (away.length === 0) return "";
  const kept = METERS.reduce((sum, { meter }) => sum + (agentStatus(meter)?.backlog ?? 0), 0);
  return `${away.map(({ name }) => name).join(", ")} is away: ${counted(kept, "reading")} kept by the agents until it is back`;
}

function progress(): string {
  const seen = [...rows.values()].reduce((sum, list) => sum + list.length, 0);
  return outage() || `${counted(seen, "reading")} so far, written to ${destination}`;
}

function redraw() {
  const batteries = METERS.map(({ meter }) => {
    const list = rows.get(meter) ?? [];
    return { meter, newest: list.at(-1), measured: list.findLast(({ online }) => online === "1") };
  });
  const address = page.address === undefined ? "" : `The page: ${page.address}\n`;
  screen.show(`\n${address}${batteryLines(batteries, Date.now())}\n${progress()}. Ctrl-C ends it.\n`);
}
const shown = isLive ? setInterval(redraw, REDRAW_MS) : undefined;
const reported = isLive || toStdout ? undefined : setInterval(() => log.info(progress()), REPORT_MS);

const reason = await stopRequested;
isStopping = true;
clearInterval(shown);
clearInterval(reported);
if (isLive) redraw();
if (isLive) screen.keep();
log.info(`${reason}, ending`);
// In the order in which no reading is lost: first the agents, then the aggregator, last the batteries.
await Promise.all(agents.map((agent) => agent.stop()));
await aggregator.stop();
await Promise.all([simulator.stop(), page.stop()]);

const answers = readFileSync(answerLog, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as { device: string; register: string; fault?: string })
  .filter(({ register, fault }) => MEASUREMENTS.has(register) && fault === undefined);

const balances = METERS.map(({ meter, address }) => {
  const status = agentStatus(meter);
  const delivered = deliveredReadings({
    rows: rows.get(meter) ?? [],
    printed: toStdout ? printed : undefined,
    accepted: status && status.readings + status.failures - status.backlog,
    hasSocket: sockets.length > 0,
  });
  return { meter, taken: answers.filter(({ device }) => device === address).length, delivered };
});
for (const balance of balances) log.info(`${balance.meter}: ${balanceLine([balance], destination)}`);
const isGood = isComplete(balances);
(isGood ? log.info : log.warn)(balanceLine(balances, destination));
log.info("next: npm run -s agent -- scan lists the batteries in range; docs/install.md sets up a machine of yours");
process.exitCode = failed || !isGood ? 1 : 0;
