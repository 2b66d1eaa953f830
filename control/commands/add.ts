import { defineCommand, type Words, type World } from "../../agent/cli/command.ts";
import { type Portrait, portray } from "../../agent/cli/commands/info.ts";
import { chooseDevice, chooseRadio } from "../../agent/cli/device-options.ts";
import { readPin } from "../../agent/cli/open-device.ts";
import { OPTIONS, type Values } from "../../agent/cli/options.ts";
import { FrameError } from "../../agent/codec/frame-error.ts";
import { scanFor } from "../../agent/drivers/discovery.ts";
import { openRadio } from "../../agent/radio/open-radio.ts";
import { RadioError } from "../../agent/radio/radio.ts";
import { formatQuantity } from "../../common/model/quantities.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { chooseInRange, suggestName } from "../setup/choose-device.ts";
import type { AgentSettings } from "../setup/env-file.ts";
import { type Questions, terminalQuestions } from "../setup/prompt.ts";
import { demandRoot } from "../setup/root.ts";
import { complaintAboutName, installedPlace, setUpBattery } from "../setup/set-up.ts";
import { systemdServices } from "../setup/systemd.ts";

interface AddOptions {
  readonly words: Words;
}

/** A battery that is to be set up, as far as it is known. */
interface Wish {
  readonly name: string;
  readonly values: Values & Required<Pick<Values, "address" | "interval">>;
}

const DEFAULT_INTERVAL_S = 10;
const SCAN_MS = 10_000;

export const add = defineCommand<AddOptions>({
  name: "add",
  about: `Sets a battery up: finds it, tries it out, and starts a service for it, now and at every boot.
Asks for what the options do not say.`,
  argument: { name: "name", about: "your name for it, by which its readings are stored", optional: true },
  options: ["address", "interval", "driver", "adapter", "radio", "pin", "pinFile", "untested", "logLevel"],
  examples: [
    ["sudo bms-agent add", "asks for everything"],
    ["sudo bms-agent add solar -b C0:00:00:00:00:01 -i 5", "asks nothing"],
    ["sudo bms-agent add bms -b A4:C1:37:00:00:01 --pin-file pin", "one with a password"],
  ],
  read: (words) => ({ words }),
  async run({ words }, world) {
    demandRoot(world.uid, "bms-agent add");
    const place = installedPlace(systemdServices);
    const questions = terminalQuestions();
    try {
      const wish = await completeWish(words, place.files, questions, world);
      const tried = words.values.untested ? undefined : await tryOut(wish, words, questions, world);
      const pin = tried?.pin ?? pinOf(words);
      await setUpBattery(wish.name, settingsOf(wish, pin), place);
      world.print(`${wish.name} is set up${tried ? `: ${summary(tried.portrait)}` : ""}\n`);
      return 0;
    } finally {
      questions?.close();
    }
  },
});

/** @throws {UsageError} where something is missing and nobody can be asked */
async function completeWish(
  words: Words,
  files: string,
  questions: Questions | undefined,
  world: World,
): Promise<Wish> {
  const { values } = words;
  const complaint = words.argument && complaintAboutName(words.argument, files);
  if (complaint) throw new UsageError(complaint);
  if (values.address && words.argument) {
    return { name: words.argument, values: { interval: DEFAULT_INTERVAL_S, ...values, address: values.address } };
  }
  if (!questions) {
    throw new UsageError(
      "without a terminal nobody can be asked: say a name and --address, as in bms-agent add solar -b A4:C1:37:00:00:01",
    );
  }
  const found = values.address ? undefined : await chooseInRange(await scan(words, questions, world), questions);
  const name =
    words.argument ||
    (await questions.ask("Your name for it?", found ? suggestName(found) : "", (text) =>
      complaintAboutName(text, files),
    ));
  const interval =
    values.interval ??
    Number(
      await questions.ask("Seconds from one reading to the next?", String(DEFAULT_INTERVAL_S), (text) =>
        OPTIONS.interval.parse(text) === undefined ? `say ${OPTIONS.interval.rule}` : undefined,
      ),
    );
  const address = values.address ?? found?.advertisement.address ?? "";
  return { name, values: { ...values, address, interval } };
}

async function scan(words: Words, questions: Questions, { clock, stop, createLog }: World) {
  const log = createLog(words.values.logLevel ?? "info", "bms-agent add");
  const radio = await openRadio(chooseRadio(words), { clock, log });
  try {
    questions.tell(`Looking for batteries for ${SCAN_MS / 1000} s …\n`);
    return await scanFor(SCAN_MS, { radio, clock }, stop);
  } finally {
    await radio.close();
  }
}

/** One poll, with the password asked for where the device wants one. @throws {RadioError} {FrameError} {UsageError} */
async function tryOut(
  wish: Wish,
  words: Words,
  questions: Questions | undefined,
  world: World,
): Promise<{ readonly portrait: Portrait; readonly pin: string | undefined }> {
  let pin = pinOf(words);
  for (;;) {
    const { pinFile: _, ...values } = wish.values;
    const choice = chooseDevice({ ...words, values: { ...values, ...(pin && { pin }) } });
    try {
      questions?.tell(`Trying ${choice.address} …\n`);
      return { portrait: await portray(choice, world, world.createLog(choice.logLevel, wish.name)), pin };
    } catch (error) {
      if (!questions || !wantsPin(error)) throw error;
      questions.tell(`${(error as Error).message}\n`);
      pin = await questions.ask("Its password?", "", (text) =>
        text ? undefined : "say the password, or press Ctrl-C",
      );
    }
  }
}

function wantsPin(error: unknown): boolean {
  return (
    (error instanceof FrameError && error.fault === "locked") ||
    (error instanceof RadioError && error.fault === "pairing-needed")
  );
}

function pinOf({ values: { pin, pinFile } }: Words): string | undefined {
  return pin ?? (pinFile && readPin({ file: pinFile }));
}

function settingsOf({ values }: Wish, pin: string | undefined): AgentSettings {
  const { address, interval, driver, adapter, radio } = values;
  return {
    address,
    interval,
    ...(driver && { driver }),
    ...(adapter && { adapter }),
    ...(radio && { radio }),
    ...(pin && { pin }),
  };
}

function summary({ driver, address, sample }: Portrait): string {
  const volts = sample.volts === undefined ? "" : `, ${formatQuantity("volts", sample.volts)} V`;
  return `${address} (${driver}${volts})`;
}
