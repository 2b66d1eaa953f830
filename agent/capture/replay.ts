import { virtualClock } from "../../common/runtime/clock.ts";
import type { Driver, DriverSettings } from "../drivers/driver.ts";
import { type Poll, session } from "../polling/poll-loop.ts";
import type { Exchange } from "./parse.ts";
import { createReplayRadio } from "./replay-radio.ts";

/** Longer than what is recorded from one poll to the next, so that all of it happens in between. */
const PERIOD_MS = 86_400_000;

/**
 * Runs a recording through the real driver and session on a clock that waits for nothing: its polls, and at last the one
 * that found nothing of the recording left, which is returned.
 */
export async function* replay(
  exchanges: readonly Exchange[],
  drivers: readonly Driver[],
  stop: AbortSignal,
): AsyncGenerator<Poll, Poll | undefined> {
  const clock = virtualClock(exchanges[0]?.deed.at);
  const radio = createReplayRadio(exchanges, clock);
  let consumed = 0;
  const mark = () => {
    consumed = radio.consumed;
  };
  const plan = {
    address: "",
    drivers: drivers.map((driver) => forReplay(driver, mark)),
    settings: settingsThen(exchanges),
    periodMs: PERIOD_MS,
  };
  for await (const poll of session(plan, { radio, clock, random: () => 0 }, stop)) {
    if (!poll.ok && !poll.asked) continue;
    if (radio.consumed === consumed) return poll;
    mark();
    yield poll;
  }
  return undefined;
}

/** Tells where each poll begins. What only kept the link alive is not asked again: it would come at other moments. */
function forReplay(driver: Driver, onPoll: () => void): Driver {
  return {
    ...driver,
    async open(link, settings) {
      const dialogue = await driver.open(link, settings);
      return {
        describe: () => dialogue.describe(),
        poll() {
          onPoll();
          return dialogue.poll();
        },
      };
    },
  };
}

/** Who opens a link with a command to the module has a password; which one is masked and makes no difference here. */
function settingsThen(exchanges: readonly Exchange[]): DriverSettings {
  const writes = exchanges.filter(({ deed }) => deed.op === "connect" || deed.op === "write");
  const unlocked = writes.some(
    ({ deed }, i) => deed.op === "write" && deed.hex.startsWith("ffaa") && writes[i - 1]?.deed.op === "connect",
  );
  return unlocked ? { pin: "000000" } : {};
}
