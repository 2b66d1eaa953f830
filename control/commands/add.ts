import { type DeviceReport, readDevice } from "../../agent/cli/commands/info.ts";
import { DEVICE_OPTIONS, readDeviceOptions, readRadioOptions } from "../../agent/cli/device-options.ts";
import { readPinFile } from "../../agent/cli/open-device.ts";
import { AGENT_OPTIONS } from "../../agent/cli/options.ts";
import { FrameError } from "../../agent/codec/frame-error.ts";
import { scanFor } from "../../agent/drivers/discovery.ts";
import type { Driver } from "../../agent/drivers/driver.ts";
import { onlyListens } from "../../agent/polling/listen.ts";
import { openRadio } from "../../agent/radio/open-radio.ts";
import { RadioError } from "../../agent/radio/radio.ts";
import { type CommandDeps, type CommandInput, defineCommand } from "../../common/cli/command.ts";
import { type OptionRow, onOff, SHARED_OPTIONS, withoutPreset } from "../../common/cli/option.ts";
import type { Address } from "../../common/model/address.ts";
import { formatQuantity } from "../../common/model/quantities.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import { chooseInRange, suggestName } from "../setup/choose-device.ts";
import type { AgentSettings } from "../setup/env-file.ts";
import { INSTALLATION } from "../setup/installation.ts";
import { type Prompt, terminalPrompt } from "../setup/prompt.ts";
import { checkName, installedPlace, requireRoot, setUpBattery } from "../setup/set-up.ts";
import { systemd } from "../setup/systemd.ts";

const { address, driver, adapter, radio, pin, pinFile, logLevel } = DEVICE_OPTIONS;

const OPTIONS = {
  address,
  interval: {
    ...withoutPreset(AGENT_OPTIONS.interval),
    presetText: `asked for, else ${AGENT_OPTIONS.interval.preset}`,
  },
  site: { ...SHARED_OPTIONS.site, presetText: "that of /etc/bms/common.env, else none" },
  driver,
  adapter,
  radio,
  pin,
  pinFile,
  untested: { flags: "--untested", about: "skip the test poll", ...onOff } satisfies OptionRow<boolean>,
  logLevel,
};

type AddInput = CommandInput<typeof OPTIONS>;

/** The answers to the questions that the options leave open. */
interface NewBattery {
  readonly name: string;
  readonly address: Address;
  /** Seconds. */
  readonly interval: number;
  /** The option, or the recognised driver where an agent does not find it by itself. */
  readonly driver: string;
}

const SCAN_MS = 10_000;
const NEXT_STEPS = `next: bmsctl list            shows its newest values
      sudo bmsctl doctor     checks every step from the battery to the database
`;

export const add = defineCommand({
  name: "add",
  about: `Sets up a battery: finds it, polls it once, and starts a service for it, now and at every boot.
Asks for everything that no option gives.`,
  argument: { name: "name", about: "your name for the battery, under which its readings are stored", isOptional: true },
  options: OPTIONS,
  examples: [
    ["sudo bmsctl add", "asks for everything"],
    ["sudo bmsctl add solar -b C0:00:00:00:00:01 -i 5", "asks nothing"],
    ["sudo bmsctl add bms -b A4:C1:37:00:00:01 --pin-file pin", "a battery with a password"],
  ],
  read: (input: AddInput) => input,
  async run(input, deps) {
    requireRoot(deps.uid, "bmsctl add");
    const place = installedPlace(systemd);
    const prompt = terminalPrompt();
    try {
      const batteries = await findBatteries(INSTALLATION, systemd);
      if (input.values.address) requireFree(input.values.address, batteries);
      const battery = await completeBattery(input, place.files, prompt, deps);
      requireFree(battery.address, batteries);
      const tested = input.values.untested ? undefined : await testPoll(battery, input, prompt, deps);
      const password = tested?.password ?? passwordOf(input);
      await setUpBattery(battery.name, settingsOf(battery, input), password || undefined, place);
      deps.print(`${battery.name} is set up${tested ? `: ${summary(tested.report)}` : ""}\n${NEXT_STEPS}`);
      return 0;
    } finally {
      prompt?.close();
    }
  },
});

/** @throws {UsageError} if a battery with this address is set up */
export function requireFree(address: Address, batteries: readonly Battery[]): void {
  const taken = batteries.find((battery) => battery.address === address);
  if (taken)
    throw new UsageError(
      `${address} is set up already as ${taken.name}: bmsctl list shows it, sudo bmsctl remove ${taken.name} removes it`,
    );
}

/** @throws {UsageError} if something is missing and there is no terminal to ask on */
async function completeBattery(
  input: AddInput,
  files: string,
  prompt: Prompt | undefined,
  deps: CommandDeps,
): Promise<NewBattery> {
  const { values, argument } = input;
  const problem = argument && checkName(argument, files);
  if (problem) throw new UsageError(problem);
  if (values.address && argument) {
    const interval = values.interval ?? AGENT_OPTIONS.interval.preset;
    return { name: argument, address: values.address, interval, driver: values.driver };
  }
  if (!prompt) {
    throw new UsageError(
      "no terminal to ask on: give a name and --address, as in bmsctl add solar -b A4:C1:37:00:00:01",
    );
  }
  const found = values.address ? undefined : await chooseInRange(await scan(input, prompt, deps), prompt);
  const name =
    argument ||
    (await prompt.ask("Your name for it?", found ? suggestName(found) : "", (text) => checkName(text, files)));
  const { parse, rule, preset } = AGENT_OPTIONS.interval;
  const interval =
    values.interval ??
    Number(
      await prompt.ask("Seconds between readings?", String(preset), (text) =>
        parse(text) === undefined ? `expected ${rule}` : undefined,
      ),
    );
  const address = values.address ?? found?.advertisement.address ?? "";
  return { name, address, interval, driver: driverOption(values.driver, found?.recognised?.driver) };
}

/** A device that is only listened to is not recognised once connected: its agent must be told the driver. */
export function driverOption(given: string, recognised: Driver | undefined): string {
  return given === AGENT_OPTIONS.driver.preset && recognised && onlyListens(recognised) ? recognised.name : given;
}

async function scan({ values, env }: AddInput, prompt: Prompt, { clock, stop, createLog }: CommandDeps) {
  const log = createLog(values.logLevel, "bmsctl add");
  const radio = await openRadio(readRadioOptions(values, env), { clock, log });
  try {
    prompt.print(`Looking for batteries for ${SCAN_MS / 1000} s …\n`);
    return await scanFor(SCAN_MS, { radio, clock }, stop);
  } finally {
    await radio.close();
  }
}

/** Polls once, and asks for the password if the device requires one. @throws {RadioError} {FrameError} {UsageError} */
async function testPoll(
  { name, address, driver }: NewBattery,
  input: AddInput,
  prompt: Prompt | undefined,
  deps: CommandDeps,
): Promise<{ readonly report: DeviceReport; readonly password: string | undefined }> {
  let password = passwordOf(input);
  for (;;) {
    const values = { ...input.values, address, driver, pin: password, pinFile: undefined, capture: undefined };
    const options = readDeviceOptions({ values, env: input.env });
    try {
      prompt?.print(`Trying ${address} …\n`);
      const log = deps.createLog(options.logLevel, name);
      return { report: await readDevice(options, { ...deps, log }), password };
    } catch (error) {
      if (!prompt || !needsPassword(error)) throw error;
      prompt.print(`${(error as Error).message}\n`);
      password = await prompt.ask("Its password?", "", (text) =>
        text ? undefined : "enter the password, or press Ctrl-C",
      );
    }
  }
}

function needsPassword(error: unknown): boolean {
  return (
    (error instanceof FrameError && error.fault === "locked") ||
    (error instanceof RadioError && error.fault === "pairing-needed")
  );
}

function passwordOf({ values: { pin, pinFile } }: AddInput): string | undefined {
  return pin ?? (pinFile && readPinFile(pinFile));
}

function settingsOf(
  { address, interval, driver }: NewBattery,
  { values: { adapter, radio, site } }: AddInput,
): AgentSettings {
  return {
    address,
    interval,
    ...(driver !== AGENT_OPTIONS.driver.preset && { driver }),
    ...(site && { site }),
    ...(adapter && { adapter }),
    ...(radio !== AGENT_OPTIONS.radio.preset && { radio }),
  };
}

function summary({ driver, address, sample }: DeviceReport): string {
  const volts = sample.volts === undefined ? "" : `, ${formatQuantity("volts", sample.volts)} V`;
  return `${address} (${driver}${volts})`;
}
