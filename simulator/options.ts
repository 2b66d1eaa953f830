import { Command, InvalidArgumentError, Option } from "commander";
import { parseAddress } from "../common/model/address.ts";
import { faultsOf, hasFault, parseFault } from "./faults/faults.ts";
import { HELP } from "./help.ts";
import { type Counts, DEVICE_KINDS, type DeviceSpec, FAMILIES, familyOf, usualDevices } from "./registry.ts";

/** The parsed command line. */
export type SimulatorCommand =
  | { readonly name: "run"; readonly options: RunOptions }
  | { readonly name: "set"; readonly socket: string; readonly device: string; readonly fault: string }
  | { readonly name: "clear"; readonly socket: string; readonly device: string; readonly fault: string | undefined }
  | { readonly name: "drop"; readonly socket: string; readonly device: string; readonly reason: number }
  | {
      readonly name: "alarm";
      readonly socket: string;
      readonly device: string;
      readonly protection: string;
      readonly on: boolean;
    }
  | { readonly name: "cut-power" | "memory"; readonly socket: string; readonly device: string }
  | { readonly name: "status"; readonly socket: string };

export interface RunOptions {
  readonly socket: string;
  readonly devices: readonly DeviceSpec[];
  readonly log: string | undefined;
  /** File for the requests on the air. */
  readonly requests: string | undefined;
  readonly seed: string;
  /** Latency of every answer, ms; absent for the captured latencies. */
  readonly latencyMs: number | undefined;
  readonly faults: readonly DeviceFault[];
}

export interface DeviceFault {
  readonly device: string;
  readonly fault: string;
}

/** The devices of `npm start`. */
const HOUSE_DEVICES: readonly DeviceSpec[] = [
  { address: "A4:C1:37:00:00:03", kind: "jbd16" },
  { address: "C0:00:00:00:00:01", kind: "v1" },
  { address: "C0:00:00:00:00:02", kind: "v2" },
];

/** The options for so many devices of a family. */
const COUNTS = FAMILIES.map(({ name }) => `--${name}`);

const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, parse(text)];

/** Parses the arguments. A mistake ends the process with exit status 2 and one line on stderr. */
export function parseCommand(args: readonly string[]): SimulatorCommand {
  let chosen: SimulatorCommand | undefined;
  const program = new Command("npm run -s simulator --")
    .description(
      "Simulates batteries that speak their real protocols. `bms-agent --radio simulated` reaches them through a unix socket.",
    )
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "simulator: ")) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .enablePositionalOptions()
    .addHelpText("after", HELP)
    .option("--socket <path>", "unix socket to listen at, at most 107 bytes")
    .option("--house", "the devices of `npm start`: a 16-cell pack, a monitor of each format")
    .option(
      "--device <address=kind>",
      `add one device, and its choices after a colon; kinds: ${DEVICE_KINDS.join(", ")}; repeatable`,
      collect(device),
    )
    .option("--log <file>", "append one JSON line per answer; - for stdout")
    .option("--requests <file>", "append one JSON line per request of a central; - for stdout")
    .option("--seed <text>", "seed of the simulated currents and of random faults", "1")
    .option("--latency <real|ms>", "time until a battery answers; real: as in captures", latency)
    .option("--fault <device=fault>", "add a fault to a device, or to all; repeatable", collect(deviceFault))
    .action((given: GivenOptions) => {
      const devices = [...(given.house ? HOUSE_DEVICES : []), ...usualDevices(given), ...(given.device ?? [])];
      const twice = devices.find(({ address }, i) => devices.findIndex((other) => other.address === address) < i);
      if (twice)
        program.error(`error: ${twice.address} is given twice: --house and --device are added to ${COUNTS.join(", ")}`);
      if (devices.length === 0) {
        program.error(`error: no devices: give ${COUNTS.map((count) => `${count} N`).join(", ")}, --house or --device`);
      }
      if (given.socket === undefined) return program.error("error: no socket: give --socket PATH");
      const { socket, log, requests, seed, fault: faults = [] } = given;
      const latencyMs = given.latency === "real" ? undefined : given.latency;
      const unknown = faults.find(
        (fault) => fault.device !== "all" && !devices.some((one) => one.address === fault.device),
      );
      if (unknown) program.error(`error: --fault for ${unknown.device}, which is not simulated: add it with --device`);
      for (const { device, fault } of faults) {
        const reason = faultError(
          fault,
          devices.filter(({ address }) => device === "all" || device === address),
        );
        if (reason) program.error(`error: --fault ${device}=${fault}: ${reason}`);
      }
      chosen = { name: "run", options: { socket, devices, log, requests, seed, latencyMs, faults } };
    });

  for (const { name, devices } of FAMILIES) {
    program.addOption(new Option(`--${name} <count>`, `number of ${devices}`).argParser(wholeNumber).default(0));
  }

  const control = (name: string, about: string) =>
    program
      .command(name)
      .description(about)
      .requiredOption("--socket <path>", "the socket of the running simulator", process.env.BMS_SIMULATOR);
  control("set", "add a fault to a device")
    .argument("<device>")
    .argument("<fault>")
    .action((of: string, fault: string, { socket }: { socket: string }) => {
      chosen = { name: "set", socket, device: of, fault };
    });
  control("clear", "remove the faults of a device, or those of one name")
    .argument("<device>")
    .argument("[fault]")
    .action((of: string, fault: string | undefined, { socket }: { socket: string }) => {
      chosen = { name: "clear", socket, device: of, fault };
    });
  control("drop", "end the link of a device")
    .argument("<device>")
    .argument("[reason]", "HCI reason in hexadecimal", hexadecimal, 0x08)
    .action((of: string, reason: number, { socket }: { socket: string }) => {
      chosen = { name: "drop", socket, device: of, reason };
    });
  control("alarm", "raise a protection of a pack")
    .argument("<device>")
    .argument("<protection>")
    .option("--off", "end the protection")
    .action((of: string, protection: string, { socket, off }: { socket: string; off?: boolean }) => {
      chosen = { name: "alarm", socket, device: of, protection, on: !off };
    });
  for (const [name, about] of [
    ["cut-power", "take the power of a device away and give it back"],
    ["memory", "print the parameters of a pack"],
  ] as const) {
    control(name, about)
      .argument("<device>")
      .action((of: string, { socket }: { socket: string }) => {
        chosen = { name, socket, device: of };
      });
  }
  control("status", "list the devices and their faults as JSON lines").action(({ socket }: { socket: string }) => {
    chosen = { name: "status", socket };
  });

  program.parse([...args], { from: "user" });
  return chosen ?? program.error("error: no command: see --help");
}

interface GivenOptions extends Counts {
  readonly socket?: string;
  readonly house?: boolean;
  readonly device?: readonly DeviceSpec[];
  readonly log?: string;
  readonly requests?: string;
  readonly seed: string;
  readonly latency?: number | "real";
  readonly fault?: readonly DeviceFault[];
}

function wholeNumber(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > 10_000) throw new InvalidArgumentError("Give a whole number up to 10000.");
  return count;
}

function latency(text: string): number | "real" {
  if (text === "real") return text;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("Give real, or a number of milliseconds.");
  return Number(text);
}

function hexadecimal(text: string): number {
  if (!/^[0-9a-f]{1,2}$/i.test(text)) throw new InvalidArgumentError("Give one or two hexadecimal digits.");
  return Number.parseInt(text, 16);
}

function device(text: string): DeviceSpec {
  const [, name = "", kindName = "", choices] = /^([^=]*)=([^:]*)(?::(.*))?$/.exec(text) ?? [];
  const address = parseAddress(name);
  const kind = DEVICE_KINDS.find((known) => known === kindName);
  if (!address || !kind) throw new InvalidArgumentError(`Give ADDRESS=KIND with a kind of ${DEVICE_KINDS.join(", ")}.`);
  if (choices === undefined) return { address, kind };
  const family = familyOf(kind);
  if (!family.choices) throw new InvalidArgumentError(`${family.devices} have no choices.`);
  reported(() => family.choices?.check(choices));
  return { address, kind, choices };
}

function deviceFault(text: string): DeviceFault {
  const [, name = "", fault = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const target = name === "all" ? name : parseAddress(name);
  if (!target) throw new InvalidArgumentError("Give DEVICE=FAULT, where DEVICE is an address or all.");
  return { device: target, fault };
}

/** The reason why none of these devices can have a fault; undefined where one can. */
function faultError(fault: string, devices: readonly DeviceSpec[]): string | undefined {
  const families = devices.map(({ kind }) => faultsOf(familyOf(kind)));
  const able = families.find((kinds) => hasFault(fault, kinds)) ?? families[0];
  try {
    parseFault(fault, able ?? {}, Math.random);
    return undefined;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return error.message;
  }
}

/** The result of a parser, whose RangeError becomes the command line's. */
function reported<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error));
  }
}
