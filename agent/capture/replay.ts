import { virtualClock } from "../../common/runtime/clock.ts";
import { wrapSession } from "../drivers/device-session.ts";
import type { Driver, DriverSettings } from "../drivers/driver.ts";
import { type Poll, pollLoop } from "../polling/poll-loop.ts";
import type { Exchange } from "./parse.ts";
import { createReplayRadio, fromHex } from "./replay-radio.ts";

/** Longer than anything recorded between two polls, so that all of it is replayed between them. */
const PERIOD_MS = 86_400_000;

/**
 * Runs a recording through the real driver and poll loop on a virtual clock. Yields its polls; returns the last one, which
 * found nothing of the recording left.
 */
export async function* replay(
  exchanges: readonly Exchange[],
  drivers: readonly Driver[],
  stop: AbortSignal,
): AsyncGenerator<Poll, Poll | undefined> {
  const clock = virtualClock(exchanges[0]?.action.at);
  const radio = createReplayRadio(exchanges, drivers, clock);
  let consumed = 0;
  const mark = () => {
    consumed = radio.consumed;
  };
  const plan = {
    address: "",
    drivers: drivers.map((driver) => forReplay(driver, mark)),
    settings: recordedSettings(exchanges, drivers),
    periodMs: PERIOD_MS,
  };
  for await (const poll of pollLoop(plan, { radio, clock, random: () => 0 }, stop)) {
    if (poll.kind === "link-lost") continue;
    if (radio.consumed === consumed) return poll;
    mark();
    yield poll;
  }
  return undefined;
}

/** Reports the beginning of each poll, and never keeps the link alive: that would come at other times than recorded. */
function forReplay(driver: Driver, onPoll: () => void): Driver {
  const { open } = driver;
  if (!open) return driver;
  return {
    ...driver,
    async open(link, settings) {
      const { keepAlive: _, ...session } = await open(link, settings);
      return wrapSession(session, (method, call) => {
        if (method === "poll") onPoll();
        return call();
      });
    },
  };
}

/** Any password of the right length will do: the recorded one is redacted, and so is this one. */
const PIN = "000000";

function recordedSettings(exchanges: readonly Exchange[], drivers: readonly Driver[]): DriverSettings {
  const actions = exchanges.map(({ action }) => action).filter(({ op }) => op === "connect" || op === "write");
  const unlocked = actions.some(
    (action, i) =>
      action.op === "write" &&
      actions[i - 1]?.op === "connect" &&
      drivers.some(({ beginsUnlocking }) => beginsUnlocking?.(fromHex(action.hex))),
  );
  return unlocked ? { pin: PIN } : {};
}
