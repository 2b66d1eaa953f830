import { Command, InvalidArgumentError } from "commander";
import { parseAddress } from "../common/model/address.ts";
import { describeFaults, parseFault } from "./faults/faults.ts";
import { DEVICE_KINDS, type DeviceSpec, usualDevices } from "./simulator.ts";

/** What the command line asks for. */
export type SimulatorCommand =
  | { readonly name: "run"; readonly options: RunOptions }
  | { readonly name: "set"; readonly socket: string; readonly device: string; readonly fault: string }
  | { readonly name: "clear"; readonly socket: string; readonly device: string; readonly fault: string | undefined }
  | { readonly name: "drop"; readonly socket: string; readonly device: string; readonly reason: number }
  | {
      readonly name: "alarm";
      readonly socket: string;
      readonly device: string;
      readonly word: string;
      readonly on: boolean;
    }
  | { readonly name: "status"; readonly socket: string };

export interface RunOptions {
  readonly socket: string;
  readonly devices: readonly DeviceSpec[];
  readonly log: string | undefined;
  readonly seed: string;
  /** Absent for the captured latencies. */
  readonly latencyMs: number | undefined;
  readonly faults: readonly DeviceFault[];
}

export interface DeviceFault {
  readonly device: string;
  readonly fault: string;
}

const HOUSE: readonly DeviceSpec[] = [
  { address: "A4:C1:37:00:00:03", kind: "jbd16" },
  { address: "C0:00:00:00:00:01", kind: "v1" },
  { address: "C0:00:00:00:00:02", kind: "v2" },
];

const HELP = `
Devices: JBD packs are A4:C1:37:00:00:01 and up with 4, 8, 16, 20, 32 cells in turn, Thornwave monitors
C0:00:00:00:00:01 and up, format v1 and v2 in turn. An agent reaches one with:
  BMS_SIMULATOR=PATH npm run -s agent -- --radio simulated -b A4:C1:37:00:00:01 -i 2 -m house

Faults, with their settings and what these are when not given:
${describeFaults()}
Every fault also takes register=03 (only for answers of this register: 03, 04, 05, aa, ffaa15, v1, v2), times=N (only
the first N), every=N (only each Nth), chance=0.3 (only so often) and for=MS (taken away after that time). The newest
fault stands outermost. While the simulator runs:
  npm run -s simulator -- set --socket PATH DEVICE FAULT      DEVICE is an address, or all
  npm run -s simulator -- clear --socket PATH DEVICE [FAULT]
  npm run -s simulator -- drop --socket PATH DEVICE [REASON]  HCI reason in hexadecimal, 08 when not given
  npm run -s simulator -- alarm --socket PATH DEVICE WORD     ovp, uvp, … as in the CSV; --off ends it
  npm run -s simulator -- status --socket PATH

The log has one JSON line for each answer: {"at":ms,"device":"A4:…","register":"03","took":ms,"sample":{…}}. An answer
that cannot have reached anybody whole has no values in its sample, and names what spoiled it: "fault":"lose-last".`;

const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, parse(text)];

/** argv without the interpreter, as a command. Ends the process with status 2 and one line for a mistake. */
export function parseCommand(args: readonly string[]): SimulatorCommand {
  let chosen: SimulatorCommand | undefined;
  const program = new Command("simulator")
    .description("Simulated batteries behind a unix socket: the ground of `bms-agent --radio simulated`.")
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "simulator: ")) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .enablePositionalOptions()
    .addHelpText("after", HELP)
    .option("--socket <path>", "unix socket to listen at; at most 107 bytes")
    .option("--jbd <count>", "JBD packs", wholeNumber, 0)
    .option("--thornwave <count>", "Thornwave monitors", wholeNumber, 0)
    .option("--house", "the simulated house: a 16-cell pack, a monitor of each format")
    .option(
      "--device <address=kind>",
      `one more device; kinds: ${DEVICE_KINDS.join(", ")}; repeatable`,
      collect(device),
    )
    .option("--log <file>", "append one JSON line for each answer; - for stdout")
    .option("--seed <text>", "another seed, other courses of current and other chances", "1")
    .option("--latency <real|ms>", "how long batteries take to answer; real: as in captures", latency)
    .option("--fault <device=fault>", "put a fault around a device, or all; repeatable", collect(deviceFault))
    .action((given: GivenOptions) => {
      const devices = [
        ...(given.house ? HOUSE : []),
        ...usualDevices(given.jbd, given.thornwave),
        ...(given.device ?? []),
      ];
      const twice = devices.find(({ address }, i) => devices.findIndex((other) => other.address === address) < i);
      if (twice)
        program.error(`error: ${twice.address} is asked for twice: --house and --device come on top of the others`);
      if (devices.length === 0) program.error("error: no devices: say --jbd N, --thornwave N, --house or --device");
      if (given.socket === undefined) return program.error("error: where? say --socket PATH");
      const { socket, log, seed, fault: faults = [] } = given;
      const latencyMs = given.latency === "real" ? undefined : given.latency;
      const unknown = faults.find(
        (fault) => fault.device !== "all" && !devices.some((one) => one.address === fault.device),
      );
      if (unknown) program.error(`error: --fault for ${unknown.device}, which is not simulated`);
      chosen = { name: "run", options: { socket, devices, log, seed, latencyMs, faults } };
    });

  const control = (name: string, about: string) =>
    program.command(name).description(about).requiredOption("--socket <path>", "the socket of the running simulator");
  control("set", "put a fault around a device")
    .argument("<device>")
    .argument("<fault>")
    .action((of: string, fault: string, { socket }: { socket: string }) => {
      chosen = { name: "set", socket, device: of, fault };
    });
  control("clear", "take a device's faults away, or those with one word")
    .argument("<device>")
    .argument("[fault]")
    .action((of: string, fault: string | undefined, { socket }: { socket: string }) => {
      chosen = { name: "clear", socket, device: of, fault };
    });
  control("drop", "end a device's link")
    .argument("<device>")
    .argument("[reason]", "HCI reason in hexadecimal", hexadecimal, 0x08)
    .action((of: string, reason: number, { socket }: { socket: string }) => {
      chosen = { name: "drop", socket, device: of, reason };
    });
  control("alarm", "raise a protection of a pack")
    .argument("<device>")
    .argument("<word>")
    .option("--off", "end it")
    .action((of: string, word: string, { socket, off }: { socket: string; off?: boolean }) => {
      chosen = { name: "alarm", socket, device: of, word, on: !off };
    });
  control("status", "list the devices with their faults as JSON lines").action(({ socket }: { socket: string }) => {
    chosen = { name: "status", socket };
  });

  program.parse([...args], { from: "user" });
  return chosen ?? program.error("error: nothing to do");
}

interface GivenOptions {
  readonly socket?: string;
  readonly jbd: number;
  readonly thornwave: number;
  readonly house?: boolean;
  readonly device?: readonly DeviceSpec[];
  readonly log?: string;
  readonly seed: string;
  readonly latency?: number | "real";
  readonly fault?: readonly DeviceFault[];
}

function wholeNumber(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > 10_000) throw new InvalidArgumentError("Say a whole number up to 10000.");
  return count;
}

function latency(text: string): number | "real" {
  if (text === "real") return text;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("Say real, or a number of milliseconds.");
  return Number(text);
}

function hexadecimal(text: string): number {
  if (!/^[0-9a-f]{1,2}$/i.test(text)) throw new InvalidArgumentError("Say two hexadecimal digits.");
  return Number.parseInt(text, 16);
}

function device(text: string): DeviceSpec {
  const [, name = "", word = ""] = /^(.*)=(.*)$/.exec(text) ?? [];
  const address = parseAddress(name);
  const kind = DEVICE_KINDS.find((known) => known === word);
  if (!address || !kind) throw new InvalidArgumentError(`Say ADDRESS=KIND, kind one of ${DEVICE_KINDS.join(", ")}.`);
  return { address, kind };
}

function deviceFault(text: string): DeviceFault {
  const [, name = "", fault = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const target = name === "all" ? name : parseAddress(name);
  if (!target) throw new InvalidArgumentError("Say DEVICE=FAULT, device an address or all.");
  try {
    parseFault(fault, Math.random);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error));
  }
  return { device: target, fault };
}
