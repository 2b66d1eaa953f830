import { Command, InvalidArgumentError, Option } from "commander";
import { POLL_INTERVAL } from "../../common/cli/option.ts";
import { type Address, parseAddress } from "../../common/model/address.ts";
import { LOG_LEVELS, type LogLevel } from "../../common/runtime/log.ts";

/** The meters of the demo and the simulated device of each. */
export const METERS = [
  { meter: "house", address: "A4:C1:37:00:00:03", about: "16-cell JBD pack, four temperatures" },
  { meter: "solar", address: "C0:00:00:00:00:01", about: "Thornwave, format v1" },
  { meter: "inverter", address: "C0:00:00:00:00:02", about: "Thornwave, format v2" },
] as const;

export interface DemoOptions {
  readonly seconds?: number;
  readonly interval: number;
  /** At least one. */
  readonly output: readonly string[];
  readonly csv: boolean;
  readonly page: boolean;
  /** Address of the page. */
  readonly http?: string;
  readonly seed: string;
  readonly latency: string;
  /** As the simulator takes them: ADDRESS=FAULT. */
  readonly fault: readonly string[];
  readonly logLevel: LogLevel;
}

/** Parses the arguments. A mistake ends the process with exit status 2 and one line on stderr. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const command = new Command("npm start --")
    .description(
      `Runs the whole system without Bluetooth: one process simulates three batteries with their real protocols, one agent polls each of them, and one aggregator collects their readings. A page shows them in the browser. On a terminal the demo shows the newest reading of each battery; elsewhere it prints all readings as CSV. Logs go to stderr. Ctrl-C ends everything and prints how many readings were taken and delivered.`,
    )
    .option("-s, --seconds <n>", "end after this time (default: run until Ctrl-C)", positive)
    .option("-i, --interval <seconds>", "time between the polls of each battery", interval, 2)
    .option(
      "-o, --output <url>",
      "destination of the CSV: - for stdout, or unix:///PATH of a Telegraf; repeatable (default: -)",
      collect,
    )
    .option("--csv", "print CSV on a terminal as well", false)
    .option("--no-page", "show no page in the browser")
    .option("--http <address>", "where the page is served (default: 127.0.0.1:8470, or the next free port up to 8479)")
    .option("--seed <number>", "seed of the simulated currents", "1")
    .option("--latency <real|ms>", "time until a battery answers, ms; real: as in captures", "real")
    .option(
      "--fault <battery=fault>",
      "add a fault to a battery, or to all; faults: npm run -s simulator -- --help; repeatable",
      (text: string, before: readonly string[] = []) => [...before, fault(text)],
    )
    .addOption(
      new Option("--log-level <level>", "least severe log lines on stderr").choices(LOG_LEVELS).default("info"),
    )
    .addHelpText(
      "after",
      `
Batteries:
${METERS.map(({ meter, address, about }) => `  ${meter.padEnd(10)}${address}  ${about}`).join("\n")}

Examples:
  npm start -- --seconds 20                               20 s of readings
  npm start -- --csv                                      all readings as CSV
  npm start -- --http 0.0.0.0:8470                        the page on the phone
  npm start -- --fault house=lose-last:every=3            every third answer of the pack loses its end
  npm start -- --output unix:///run/telegraf/bms.sock     readings into a real Telegraf`,
    )
    .allowExcessArguments(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "demo: ")) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  command.parse([...args], { from: "user" });
  const { output = ["-"], fault: faults = [], ...options } = command.opts<GivenOptions>();
  return { ...options, output: [...new Set(output)], fault: faults };
}

type GivenOptions = Omit<DemoOptions, "output" | "fault"> & Partial<Pick<DemoOptions, "output" | "fault">>;

const collect = (text: string, before: readonly string[] = []) => [...before, text];

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e9)) throw new InvalidArgumentError("Give a number of seconds above 0.");
  return value;
}

/** The bounds of the agents. */
function interval(text: string): number {
  const value = POLL_INTERVAL.parse(text);
  if (value === undefined) throw new InvalidArgumentError(`Expected ${POLL_INTERVAL.rule}.`);
  return value;
}

/** Replaces the name of a battery by its address. */
function fault(text: string): string {
  const [, name = "", rest = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const device = name === "all" ? name : addressOf(name);
  if (device === undefined) {
    const names = METERS.map(({ meter }) => meter).join(", ");
    throw new InvalidArgumentError(`Give BATTERY=FAULT, where BATTERY is ${names} or all.`);
  }
  return `${device}=${rest}`;
}

function addressOf(name: string): Address | undefined {
  return METERS.find(({ meter, address }) => meter === name || address === parseAddress(name))?.address;
}
