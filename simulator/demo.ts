import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { createLog, LOG_LEVELS, type LogLevel } from "../common/runtime/log.ts";
import { csvRows } from "./csv-rows.ts";
import { type Program, startProgram } from "./program.ts";

/** The meters of the demo and the simulated device of each, as in a house that tgalarneau/bms monitors. */
const METERS = [
  { meter: "bms", address: "A4:C1:37:00:00:03", about: "16-cell JBD pack, four temperatures" },
  { meter: "solar", address: "C0:00:00:00:00:01", about: "Thornwave, format v1" },
  { meter: "inverter", address: "C0:00:00:00:00:02", about: "Thornwave, format v2" },
] as const;

/** Registers whose answer makes a poll a reading: JBD's 0x03, either format of Thornwave. */
const MEASUREMENTS = new Set(["03", "v1", "v2"]);

interface DemoOptions {
  readonly seconds?: number;
  readonly interval: number;
  readonly output?: readonly string[];
  readonly seed: string;
  readonly latency: string;
  readonly fault?: readonly string[];
  readonly logLevel: LogLevel;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e9)) throw new InvalidArgumentError("Give a number of seconds above 0.");
  return value;
}
const collect = (text: string, before: readonly string[] = []) => [...before, text];

const command = new Command("npm start --")
  .description(
    `Runs the whole system without Bluetooth: one process simulates three batteries with their real protocols, one agent polls each of them, and one aggregator prints their readings as CSV on stdout. Logs go to stderr. Ctrl-C ends everything and prints how many readings were taken and delivered.`,
  )
  .option("-s, --seconds <n>", "end after this time (default: run until Ctrl-C)", positive)
  .option("-i, --interval <seconds>", "time between the polls of each battery", positive, 2)
  .option(
    "-o, --output <url>",
    "destination of the CSV: - for stdout, or unix:///PATH of a Telegraf; repeatable (default: -)",
    collect,
  )
  .option("--seed <number>", "seed of the simulated currents", "1")
  .option("--latency <real|ms>", "time until a battery answers, ms; real: as in captures", "real")
  .option(
    "--fault <device=fault>",
    "add a fault to a battery, see `npm run -s simulator -- --help`; repeatable",
    collect,
  )
  .addOption(new Option("--log-level <level>", "least severe log lines on stderr").choices(LOG_LEVELS).default("info"))
  .addHelpText(
    "after",
    `
Batteries:
${METERS.map(({ meter, address, about }) => `  ${meter.padEnd(10)}${address}  ${about}`).join("\n")}

Examples:
  npm start -- --seconds 20                                     20 s of readings
  npm start -- --fault ${METERS[0].address}=lose-last:every=3      every third answer of a pack loses its end
  npm start -- --output unix:///run/telegraf/bms.sock           readings into a real Telegraf`,
  )
  .allowExcessArguments(false)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "demo: ")) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
command.parse();
const options = command.opts<DemoOptions>();
const { output: outputs = ["-"], fault: faults = [] } = options;

const folder = mkdtempSync(join(tmpdir(), "bms-demo-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const simulatorSocket = join(folder, "simulator.sock");
const answerLog = join(folder, "answers.jsonl");
const endpoint = `ipc://${join(folder, "readings.sock")}`;
const toStdout = outputs.includes("-");
/** Times of the delivered readings with an answer, by meter. */
const delivered = new Map<string, Set<string>>(METERS.map(({ meter }) => [meter, new Set()]));
const readCsv = csvRows(({ meter = "", time = "", online }) => {
  if (online === "1") delivered.get(meter)?.add(time);
});
const log = createLog(options.logLevel, { name: "demo" });

/** Relays a log line of a program: on a terminal without the date. */
function relay(line: string) {
  process.stderr.write(`${process.stderr.isTTY ? line.replace(/^\d{4}-\d\d-\d\d /, "") : line}\n`);
}

let requestStop: (why: string) => void = () => {};
const stopRequested = new Promise<string>((resolve) => {
  requestStop = resolve;
});
let failed = false;

/** Starts a program. If it ends by itself, the demo ends. */
function start(
  program: string,
  args: readonly string[],
  extra: { env?: Record<string, string>; onLine?: (line: string) => void } = {},
) {
  const started = startProgram(program, args, { ...extra, onLog: relay });
  started.ended.then(
    ({ code, signal }) => {
      if (code !== 0) failed = true;
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
  await Promise.all(others.map((other) => other.stop()));
  process.exit((await program.ended).code ?? 1);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => requestStop("stopped"));
process.stdout.on("error", () => requestStop("the reader of stdout has exited"));

const simulator = start("simulator", [
  ...["--house", "--socket", simulatorSocket, "--log", answerLog, "--seed", options.seed, "--latency", options.latency],
  ...faults.flatMap((fault) => ["--fault", fault]),
]);
await untilReady(simulator, /listening/);
const aggregator = start(
  "bms-aggregator",
  [
    "--endpoint",
    endpoint,
    "--log-level",
    options.logLevel,
    ...["-", ...outputs.filter((url) => url !== "-")].flatMap((url) => ["--output", url]),
  ],
  {
    onLine: (line) => {
      readCsv(line);
      if (toStdout) process.stdout.write(`${line}\n`);
    },
  },
);
await untilReady(aggregator, /listening on/, [simulator]);
const agents = METERS.map(({ meter, address }) =>
  start(
    "bms-agent",
    [
      ...["--address", address, "--meter", meter, "--interval", String(options.interval), "--radio", "simulated"],
      ...["--endpoint", endpoint, "--log-level", options.logLevel],
    ],
    { env: { BMS_SIMULATOR: simulatorSocket } },
  ),
);
if (options.seconds) setTimeout(() => requestStop(`${options.seconds} s have passed`), options.seconds * 1000).unref();

log.info(`${await stopRequested}, ending`);
// In the order in which no reading is lost: first the agents, then the aggregator, last the batteries.
await Promise.all(agents.map((agent) => agent.stop()));
await aggregator.stop();
await simulator.stop();

const answers = readFileSync(answerLog, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as { device: string; register: string; fault?: string })
  .filter(({ register, fault }) => MEASUREMENTS.has(register) && fault === undefined);

let lost = 0;
for (const { meter, address } of METERS) {
  const taken = answers.filter(({ device }) => device === address).length;
  const arrived = delivered.get(meter)?.size ?? 0;
  lost += taken - arrived;
  log.info(`${meter}: ${taken} readings taken, ${arrived} delivered`);
}
log.info(`${answers.length} readings taken, ${answers.length - lost} delivered, ${lost} lost`);
process.exitCode = failed || lost !== 0 ? 1 : 0;
