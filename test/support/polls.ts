import { FrameError } from "../../agent/codec/frame-error.ts";
import type { Answer, Away, BadAnswer } from "../../agent/polling/poll-loop.ts";
import { RadioError } from "../../agent/radio/radio.ts";

const attempt = { links: 1, driver: "scripted" };

export const ANSWER: Answer = {
  ...attempt,
  kind: "answer",
  sample: { volts: 13.3 },
  answeredAtMs: 0,
  latencyMs: 5,
  rssi: undefined,
};
export const BAD_ANSWER: BadAnswer = {
  ...attempt,
  kind: "bad-answer",
  error: new FrameError("checksum", "wrong checksum"),
};
export const AWAY: Away = {
  ...attempt,
  kind: "away",
  error: new RadioError("not-found", "not in range"),
  retryMs: 30_000,
};
