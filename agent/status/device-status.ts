import type { Clock } from "../../common/runtime/clock.ts";
import type { Poll } from "../polling/poll-loop.ts";
import { formatMoment } from "./status-line.ts";

/** How a device is, as its polls tell. */
export interface DeviceState {
  observe(poll: Poll): void;
  /** For people: `connected`, or why not. */
  readonly text: string;
  readonly driver: string | undefined;
  readonly answers: number;
  /** Of the last answer, ms since the Unix epoch. */
  readonly answeredAt: number | undefined;
  /** Since the last answer, ms. */
  readonly silentMs: number | undefined;
}

export function createDeviceState(clock: Clock): DeviceState {
  let text = "connecting";
  let driver: string | undefined;
  let answers = 0;
  let answered: { readonly at: number; readonly moment: number } | undefined;
  let awaySince: string | undefined;

  function textAfter(poll: Poll): string {
    const isAway = !poll.ok && poll.retryMs !== undefined;
    awaySince = isAway ? (awaySince ?? formatMoment(clock.now())) : undefined;
    if (poll.ok) return "connected";
    return isAway
      ? `no answer since ${awaySince} (${poll.error.message})`
      : `connected, last answer bad (${poll.error.message})`;
  }
  return {
    observe(poll) {
      text = textAfter(poll);
      driver = poll.driver ?? driver;
      if (!poll.ok) return;
      answers += 1;
      answered = { at: clock.now(), moment: poll.moment };
    },
    get text() {
      return text;
    },
    get driver() {
      return driver;
    },
    get answers() {
      return answers;
    },
    get answeredAt() {
      return answered?.at;
    },
    get silentMs() {
      return answered && clock.monotonic() - answered.moment;
    },
  };
}
