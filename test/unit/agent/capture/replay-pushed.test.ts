import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecording } from "../../../../agent/capture/parse.ts";
import type { CaptureRecord } from "../../../../agent/capture/record.ts";
import { recordRadio } from "../../../../agent/capture/recording-radio.ts";
import { replay } from "../../../../agent/capture/replay.ts";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import { pollLoop } from "../../../../agent/polling/poll-loop.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { AnswerRecord } from "../../../../simulator/device.ts";
import { type DeviceKind, familyOf } from "../../../../simulator/registry.ts";
import { createSimulator } from "../../../../simulator/simulator.ts";
import { inProcessLink } from "../../../support/in-process-link.ts";
import { fc } from "../../../support/property.ts";

const never = new AbortController().signal;
const POLLS = 5;
const PERIOD_MS = 4_000;
const SUPERVISION_TIMEOUT = 0x08;

/** A capture of five polls of a simulated device, their samples, and the answers that the device has sent. */
async function recorded(kind: DeviceKind, lossAfter?: number) {
  const family = familyOf(kind);
  const address = `${family.addressPrefix}:00:00:01`;
  const clock = virtualClock(1_700_000_000_000);
  const answers: AnswerRecord[] = [];
  const simulator = createSimulator({
    clock,
    seed: "capture",
    devices: [{ address, kind }],
    onAnswer: (answer) => answers.push(answer),
  });
  const device = simulator.at(address);
  const driver = DRIVERS.find(({ name }) => name === family.name);
  assert.ok(device && driver);
  const simulated = {
    async *scan() {},
    async *listen() {},
    connect: async () => inProcessLink(device, clock),
    close: async () => {},
  };
  const records: CaptureRecord[] = [];
  const radio = recordRadio(simulated, { drivers: [driver], write: (record) => void records.push(record), clock });
  const plan = { address, drivers: [driver], settings: {}, periodMs: PERIOD_MS };
  const samples: Sample[] = [];
  for await (const poll of pollLoop(plan, { radio, clock, random: () => 0 }, never)) {
    if (poll.kind === "link-lost") continue;
    assert.equal(poll.kind, "answer");
    if (poll.kind === "answer") samples.push(poll.sample);
    if (samples.length === POLLS) break;
    if (samples.length === lossAfter) device.drop(SUPERVISION_TIMEOUT);
  }
  return { driver, lines: records.map((record) => JSON.stringify(record)), samples, answers };
}

async function replayed(driver: Driver, lines: readonly string[]) {
  const outcomes = [];
  for await (const poll of replay(parseRecording(lines.join("\n")).exchanges, [driver], never)) {
    outcomes.push(poll.kind === "answer" ? poll.sample : poll.error.fault);
  }
  return outcomes;
}

/** The sets that the device has sent whole: the n-th records of each kind together. */
function setsOf(answers: readonly AnswerRecord[], registers: readonly string[]): Sample[] {
  const [first = [], ...others] = registers.map((name) =>
    answers.filter(({ register, fault }) => register === name && fault === undefined),
  );
  return first
    .filter((_, i) => others.every((answersOfKind) => answersOfKind[i]))
    .map(({ sample }, i) => Object.assign({}, sample, ...others.map((answersOfKind) => answersOfKind[i]?.sample)));
}

const PUSHING: readonly (readonly [kind: DeviceKind, registers: readonly string[]])[] = [
  ["jk8", ["cells"]],
  ["jk24", ["cells"]],
  ["jk04", ["cells"]],
  ["ecoworthy-v1", ["a1", "a2"]],
  ["ecoworthy-v2", ["a1", "a2"]],
  ["dchouse", ["a1", "a2"]],
];

for (const [kind, registers] of PUSHING) {
  test(`${kind}: each set that was recorded is a poll of the replay`, async () => {
    const { driver, lines, answers } = await recorded(kind);
    const sets = setsOf(answers, registers);
    assert.ok(sets.length > 2 * POLLS);
    assert.deepEqual(await replayed(driver, lines), sets);
  });
}

test("the polls of a board that is asked once are among those of the replay, in order, also after the loss of a link", async () => {
  const { driver, lines, samples, answers } = await recorded("jk24", 2);
  const outcomes = await replayed(driver, lines);
  assert.equal(lines.filter((line) => line.includes('"connect"')).length, 2);
  assert.deepEqual(outcomes, setsOf(answers, ["cells"]));
  const uptimes = outcomes.map((outcome) => (typeof outcome === "string" ? outcome : outcome.uptime));
  const places = samples.map(({ uptime }) => uptimes.indexOf(uptime));
  assert.ok(
    places.every((place, i) => place > (places[i - 1] ?? -1)),
    `${places}`,
  );
});

test("a replay of pushed records ends, whatever is missing from the capture or doubled", async () => {
  const {
    driver,
    lines: [connect = "", ...rest],
  } = await recorded("dchouse");
  await fc.assert(
    fc.asyncProperty(fc.subarray([...rest, ...rest]), async (lines) => {
      const records = [connect, ...lines].map((line) => JSON.parse(line));
      const end = records.findIndex(({ op }) => op === "disconnect");
      const ordered = records.slice(0, end < 0 ? undefined : end + 1).map((record, at) => ({ ...record, at }));
      const outcomes = await replayed(
        driver,
        ordered.map((record) => JSON.stringify(record)),
      );
      assert.ok(outcomes.length <= rest.length);
    }),
    { numRuns: 30 },
  );
});
