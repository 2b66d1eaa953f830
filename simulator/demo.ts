import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { createLog, LOG_LEVELS, type LogLevel } from "../common/runtime/log.ts";
import { countCsv } from "./count-rows.ts";
import { type Program, startProgram } from "./program.ts";

/** The house of the original: its meters, and the simulated device behind each. */
const HOUSE = [
  { meter: "bms", address: "A4:C1:37:00:00:03", about: "16-cell JBD pack, four temperatures" },
  { meter: "solar", address: "C0:00:00:00:00:01", about: "Thornwave, format v1" },
  { meter: "inverter", address: "C0:00:00:00:00:02", about: "Thornwave, format v2" },
] as const;

/** The answer that makes a poll a reading: JBD's 0x03, either format of Thornwave. */
const MEASUREMENT = new Set(["03", "v1", "v2"]);

interface HouseOptions {
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
    `A whole house without Bluetooth: ${HOUSE.map((device) => `${device.meter} (${device.about})`).join(", ")}.
One process simulates the batteries with their real protocols, one agent reads each of them, one aggregator prints what
they say as CSV on stdout. Logs go to stderr. Ctrl-C ends everything and tells what was taken and delivered.`,
  )
  .option("-s, --seconds <n>", "end after this many seconds (default: run until Ctrl-C)", positive)
  .option("-i, --interval <seconds>", "time between the polls of each battery", positive, 2)
  .option("-o, --output <url>", "where the CSV goes: - or unix:///path of a Telegraf; repeatable (default: -)", collect)
  .option("--seed <number>", "another seed, other weather", "1")
  .option("--latency <real|ms>", "how long the batteries take to answer", "real")
  .option(
    "--fault <device=fault>",
    "make a battery misbehave, as `npm run -s simulator -- --help` tells; repeatable",
    collect,
  )
  .addOption(
    new Option("--log-level <level>", "how much the programs tell on stderr").choices(LOG_LEVELS).default("info"),
  )
  .addHelpText("after", "\nInto a real Telegraf: npm start -- --output unix:///run/telegraf/bms.sock")
  .allowExcessArguments(false)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "demo: ")) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
command.parse();
const options = command.opts<HouseOptions>();
const { output: outputs = ["-"], fault: faults = [] } = options;

const folder = mkdtempSync(join(tmpdir(), "bms-demo-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const simulatorSocket = join(folder, "simulator.sock");
const answerLog = join(folder, "answers.jsonl");
const endpoint = `ipc://${join(folder, "readings.sock")}`;
const toStdout = outputs.includes("-");
const csv = countCsv();
const log = createLog(options.logLevel, { name: "demo" });

/** Lines of our programs carry journald's priority, since they write to us: on a terminal it becomes the time. */
function relay(line: string) {
  process.stderr.write(
    process.stderr.isTTY ? `${new Date().toTimeString().slice(0, 8)} ${line.replace(/^<\d>/, "")}\n` : `${line}\n`,
  );
}

let requestStop: (why: string) => void = () => {};
const stopRequested = new Promise<string>((resolve) => {
  requestStop = resolve;
});
let failed = false;

/** Starts one of our programs. One that ends although nobody told it to ends the demo. */
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

/** Waits for a program's word that it works. One that ends instead has told why: its status is ours. */
async function working(program: Program, word: RegExp, others: readonly Program[] = []) {
  const works = await program.logged(word).catch(() => undefined);
  if (works !== undefined) return;
  await Promise.all(others.map((other) => other.stop()));
  process.exit((await program.ended).code ?? 1);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => requestStop("asked to stop"));
process.stdout.on("error", () => requestStop("nobody reads stdout any more"));

const simulator = start("simulator", [
  ...["--house", "--socket", simulatorSocket, "--log", answerLog, "--seed", options.seed, "--latency", options.latency],
  ...faults.flatMap((fault) => ["--fault", fault]),
]);
await working(simulator, /listening/);
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
      csv.take(line);
      if (toStdout) process.stdout.write(`${line}\n`);
    },
  },
);
await working(aggregator, /listening on/, [simulator]);
const agents = HOUSE.map(({ meter, address }) =>
  start(
    "bms-agent",
    [
      ...["--address", address, "--meter", meter, "--interval", String(options.interval), "--radio", "simulated"],
      ...["--endpoint", endpoint, "--log-level", options.logLevel],
    ],
    { env: { BMS_SIMULATOR: simulatorSocket } },
  ),
);
if (options.seconds) setTimeout(() => requestStop(`${options.seconds} s are over`), options.seconds * 1000).unref();

log.info(`${await stopRequested}, ending`);
// In the order in which nothing is lost: those who take, then those who deliver, then the batteries.
await Promise.all(agents.map((agent) => agent.stop()));
await aggregator.stop();
await simulator.stop();

const handedOut = readFileSync(answerLog, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as { device: string; register: string; fault?: string })
  .filter(({ register, fault }) => MEASUREMENT.has(register) && fault === undefined);

let lost = 0;
for (const { meter, address } of HOUSE) {
  const taken = handedOut.filter(({ device }) => device === address).length;
  const delivered = csv.measured.get(meter)?.size ?? 0;
  lost += taken - delivered;
  log.info(`${meter}: ${taken} readings taken, ${delivered} delivered`);
}
log.info(`${handedOut.length} readings taken, ${handedOut.length - lost} delivered, ${lost} lost`);
process.exitCode = failed || lost !== 0 ? 1 : 0;
