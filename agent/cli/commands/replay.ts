import { readFileSync } from "node:fs";
import { defineCommand } from "../../../common/cli/command.ts";
import { UsageError } from "../../../common/runtime/usage-error.ts";
import { parseRecording, type Recording } from "../../capture/parse.ts";
import { CaptureError } from "../../capture/record.ts";
import { replay as replayPolls } from "../../capture/replay.ts";
import { replayAdvertisements } from "../../capture/replay-advertisements.ts";
import type { Driver, DriverSettings } from "../../drivers/driver.ts";
import type { Poll } from "../../polling/poll-loop.ts";
import { driversNamed, type PinSource, pinOption } from "../device-options.ts";
import { readPin } from "../open-device.ts";
import { AGENT_OPTIONS } from "../options.ts";

export interface ReplayOptions {
  readonly file: string;
  readonly drivers: readonly Driver[];
  readonly pin: PinSource | undefined;
}

const { driver, pin, pinFile } = AGENT_OPTIONS;

export const replay = defineCommand({
  name: "replay",
  about: `Runs a capture through its driver, without a radio and without waiting. Prints one line of JSON per poll.
Of a device that pushes its values, one per set of them. Of one that was listened to, one per record, with the device's key.`,
  argument: { name: "file", about: "a file that --capture has written", completes: "file" },
  options: { driver, pin, pinFile },
  examples: [
    ["bms-agent replay trouble.jsonl", "decode a capture"],
    ["bms-agent replay shunt.jsonl --pin-file key", "of a device whose values are encrypted"],
  ],
  read: ({ values, argument }): ReplayOptions => ({
    file: argument,
    drivers: driversNamed(values.driver),
    pin: pinOption(values),
  }),
  async run({ file, drivers, pin: source }, { print, createLog, stop }) {
    const log = createLog("info", "replay");
    const recording = readRecording(file);
    if (recording.torn) log.warn(`the last line of ${file} is incomplete and is ignored`);
    const pin = source && readPin(source);
    const polls = replayAll(recording, drivers, pin === undefined ? {} : { pin }, stop);
    let count = 0;
    let failures = 0;
    for (;;) {
      const { done, value: poll } = await polls.next();
      stop.throwIfAborted();
      if (done) {
        if (count === 0)
          log.error(`${file} contains no poll${poll && poll.kind !== "answer" ? `: ${poll.error.message}` : ""}`);
        return count > 0 && failures === 0 ? 0 : 1;
      }
      count += 1;
      if (poll.kind !== "answer") failures += 1;
      print(`${JSON.stringify(pollLine(count, poll))}\n`);
    }
  },
});

/** The polls of the links, then the records of what was listened to. Returns the last poll, which found nothing left. */
async function* replayAll(
  { exchanges, advertisements }: Recording,
  drivers: readonly Driver[],
  settings: DriverSettings,
  stop: AbortSignal,
): AsyncGenerator<Poll, Poll | undefined> {
  const last = exchanges.length > 0 ? yield* replayPolls(exchanges, drivers, stop) : undefined;
  yield* replayAdvertisements(advertisements, drivers, settings);
  return last;
}

/** @throws {UsageError} */
function readRecording(file: string): Recording {
  try {
    return parseRecording(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const trouble = error instanceof CaptureError ? "is not a capture" : "cannot be read";
    throw new UsageError(`${file} ${trouble}: ${why}`, { cause: error });
  }
}

function pollLine(poll: number, outcome: Poll) {
  const { driver } = outcome;
  if (outcome.kind === "answer") return { poll, driver, ok: true, sample: outcome.sample };
  return { poll, driver, ok: false, error: outcome.error.fault, detail: outcome.error.message };
}
