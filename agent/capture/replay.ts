import { virtualClock } from "../../common/runtime/clock.ts";
import { wrapSession } from "../drivers/device-session.ts";
import type { Driver, DriverSettings } from "../drivers/driver.ts";
import { type Poll, pollLoop } from "../polling/poll-loop.ts";
import type { Exchange } from "./parse.ts";
import { createReplayRadio, fromHex, type ReplayRadio } from "./replay-radio.ts";

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
  let before = { ...radio.state };
  const mark = () => {
    before = { ...radio.state };
  };
  const plan = {
    address: "",
    drivers: drivers.map((driver) => forReplay(driver, radio, mark)),
    settings: recordedSettings(exchanges, drivers),
    periodMs: PERIOD_MS,
  };
  for await (const poll of pollLoop(plan, { radio, clock, random: () => 0 }, stop)) {
    if (poll.kind === "link-lost") continue;
    if (radio.state.requests === before.requests) {
      if (radio.state.demanded === before.demanded) return poll;
      // The last records of a link are seldom a whole set, and no poll has missed the rest.
      if (poll.kind !== "answer") continue;
    }
    mark();
    yield poll;
  }
  return undefined;
}

/** Reports the beginning of each poll, and never keeps the link alive: that would come at other times than recorded. */
function forReplay(driver: Driver, { state }: ReplayRadio, onPoll: () => void): Driver {
  const { open, pushes } = driver;
  if (!open) return driver;
  return {
    ...driver,
    async open(link, settings) {
      state.pace = pushes ? "on-demand" : "as-recorded";
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
