import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import { createPollLogger } from "../../../../agent/polling/poll-log.ts";
import type { Poll } from "../../../../agent/polling/poll-loop.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { createLog } from "../../../../common/runtime/log.ts";
import { ADDRESS } from "../../../support/scripted-device.ts";

const attempt = { driver: "jbd", links: 1 };
const answer = (sample: Sample): Poll => ({
  ...attempt,
  kind: "answer",
  sample,
  answeredAtMs: 0,
  latencyMs: 100,
  rssi: undefined,
});
const badAnswer = (fault: "torn" | "checksum"): Poll => ({
  ...attempt,
  kind: "bad-answer",
  error: new FrameError(fault, `${fault} it is`),
});

/** The lines that a sequence of polls leaves behind. */
function linesOf(polls: readonly Poll[]): string[] {
  const lines: string[] = [];
  const target = { format: "journal", write: (line: string) => lines.push(line.trimEnd()) } as const;
  const log = createLog("info", { name: "house", target });
  const logPoll = createPollLogger(
    { address: ADDRESS, drivers: [], settings: {}, periodMs: 10_000, once: false },
    { clock: virtualClock(), log },
  );
  for (const poll of polls) logPoll(poll);
  return lines;
}

/** The same after the first line. */
const laterLinesOf = (polls: readonly Poll[]) => linesOf(polls).slice(1);

test("the first answer is logged with the driver, and with those that fit the device as well", () => {
  const alternatives = ["daly", "seplos"];
  assert.deepEqual(linesOf([answer({})]), ["<6>house: connected to A4:C1:37:00:00:01 (jbd), polling every 10 s"]);
  assert.deepEqual(linesOf([{ ...answer({}), alternatives } as Poll]), [
    "<6>house: connected to A4:C1:37:00:00:01 (jbd, by its answers, not daly or seplos), polling every 10 s",
  ]);
});

test("an impossible value is logged once for each quantity", () => {
  const bad: Poll = { ...answer({}), impossible: ["volts", "alarm"] } as Poll;
  assert.deepEqual(laterLinesOf([answer({}), bad, bad]), [
    "<4>house: volts has an impossible value and is left out, now and whenever it has",
    "<4>house: alarm has an impossible value and is left out, now and whenever it has",
  ]);
});

test("a protection and an alarm are logged in words when they begin and when they end, once", () => {
  const idle = answer({ volts: 13, ovp: 0, aovp: 0, cnf: 0 });
  const full = answer({ volts: 14, ovp: 1, aovp: 1, cnf: 0 });
  assert.deepEqual(laterLinesOf([idle, full, full, idle, idle, full]), [
    "<4>house: cell over-voltage protection is on",
    "<4>house: cell over-voltage alarm is on",
    "<6>house: cell over-voltage protection is off again",
    "<6>house: cell over-voltage alarm is off again",
    "<4>house: cell over-voltage protection is on",
    "<4>house: cell over-voltage alarm is on",
  ]);
});

test("a protection that is on at the first answer is logged, and an answer without it changes nothing", () => {
  const locked = answer({ cnf: 1 });
  const away: Poll = { ...badAnswer("checksum"), kind: "away", error: new RadioError("not-found", "gone"), retryMs: 1 };
  assert.deepEqual(laterLinesOf([locked, away, answer({ volts: 13 }), locked]), [
    "<4>house: software lock of the MOSFETs is on",
    "<4>house: no answer: gone; retrying in 0.0 s",
    "<6>house: A4:C1:37:00:00:01 answers again after 0 s",
  ]);
});

test("a torn value and another bad answer are logged once each, with the column that counts them", () => {
  const torn = badAnswer("torn");
  const bad = badAnswer("checksum");
  assert.deepEqual(laterLinesOf([answer({}), torn, torn, bad, torn, bad]), [
    "<4>house: poll failed: torn it is; more of this is only counted, as torn",
    "<4>house: poll failed: checksum it is; more of this is only counted, as failures",
  ]);
});
