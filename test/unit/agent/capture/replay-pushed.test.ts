import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecording } from "../../../../agent/capture/parse.ts";
import type { CaptureRecord } from "../../../../agent/capture/record.ts";
import { recordRadio } from "../../../../agent/capture/recording-radio.ts";
import { replay } from "../../../../agent/capture/replay.ts";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { ecoworthy } from "../../../../agent/drivers/ecoworthy/ecoworthy.ts";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import { pollLoop } from "../../../../agent/polling/poll-loop.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { AnswerRecord } from "../../../../simulator/device.ts";
import { type DeviceKind, familyOf } from "../../../../simulator/registry.ts";
import { createSimulator } from "../../../../simulator/simulator.ts";
import { characteristic } from "../../../support/characteristic.ts";
import { inProcessLink } from "../../../support/in-process-link.ts";
import { fc } from "../../../support/property.ts";

const never = new AbortController().signal;
const POLLS = 5;
const PERIOD_MS = 4_000;
const SUPERVISION_TIMEOUT = 0x08;

interface Circumstances {
  readonly drivers?: readonly Driver[];
  /** Number of polls after which the link is lost. */
  readonly lossAfter?: number;
}

/** A capture of five polls of a simulated device, their samples, and the answers that the device has sent. */
async function recorded(kind: DeviceKind, { drivers = DRIVERS, lossAfter }: Circumstances = {}) {
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
  assert.ok(device);
  const simulated = {
    async *scan() {},
    async *listen() {},
    async connect() {
      const advertisement = device.advertisement();
      return { ...inProcessLink(device, clock), advertisement };
    },
    close: async () => {},
  };
  const records: CaptureRecord[] = [];
  const radio = recordRadio(simulated, { drivers: DRIVERS, write: (record) => void records.push(record), clock });
  const plan = { address, drivers, settings: {}, periodMs: PERIOD_MS };
  const samples: Sample[] = [];
  for await (const poll of pollLoop(plan, { radio, clock, random: () => 0 }, never)) {
    if (poll.kind === "link-lost") continue;
    assert.equal(poll.kind, "answer");
    if (poll.kind === "answer") samples.push(poll.sample);
    if (samples.length === POLLS) break;
    if (samples.length === lossAfter) device.drop(SUPERVISION_TIMEOUT);
  }
  return { lines: records.map((record) => JSON.stringify(record)), samples, answers };
}

async function replayed(lines: readonly string[], drivers: readonly Driver[] = DRIVERS) {
  const outcomes = [];
  for await (const poll of replay(parseRecording(lines.join("\n")).exchanges, drivers, never)) {
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
    const { lines, answers } = await recorded(kind);
    const sets = setsOf(answers, registers);
    assert.ok(sets.length > 2 * POLLS);
    assert.deepEqual(await replayed(lines), sets);
  });
}

test("the polls of a board that is asked once are among those of the replay, in order, also after the loss of a link", async () => {
  const { lines, samples, answers } = await recorded("jk24", { lossAfter: 2 });
  const outcomes = await replayed(lines);
  assert.equal(lines.filter((line) => line.includes('"connect"')).length, 2);
  assert.deepEqual(outcomes, setsOf(answers, ["cells"]));
  const uptimes = outcomes.map((outcome) => (typeof outcome === "string" ? outcome : outcome.uptime));
  const places = samples.map(({ uptime }) => uptimes.indexOf(uptime));
  assert.ok(
    places.every((place, i) => place > (places[i - 1] ?? -1)),
    `${places}`,
  );
});

test("a device that two drivers fit replays from the set on that followed their trials", async () => {
  const identify = [{ confidence: "possible", services: ["fff0"] }] as const;
  const asking: Driver = {
    name: "asking",
    about: "a driver of a device that answers",
    identify,
    async open(link) {
      const notifications = await link.subscribe(characteristic("fff0", "fff1"));
      async function poll(): Promise<Sample> {
        await link.write(characteristic("fff0", "fff2"), Uint8Array.of(1), "command");
        for (const _ of ["a1", "a2"]) await notifications.next(500);
        throw new FrameError("malformed", "no answer to the request");
      }
      return { poll, describe: async () => ({}) };
    },
  };
  const drivers = [asking, { ...ecoworthy, identify }] as const;
  const { lines, answers } = await recorded("ecoworthy-v2", { drivers });
  const [_asking, _ecoworthy, ...sets] = setsOf(answers, ["a1", "a2"]);
  assert.deepEqual(await replayed(lines, drivers), sets);
});

test("a replay of pushed records ends, whatever is missing from the capture or doubled", async () => {
  const [connect = "", ...rest] = (await recorded("dchouse")).lines;
  await fc.assert(
    fc.asyncProperty(fc.subarray([...rest, ...rest]), async (lines) => {
      const records = [connect, ...lines].map((line) => JSON.parse(line));
      const end = records.findIndex(({ op }) => op === "disconnect");
      const ordered = records.slice(0, end < 0 ? undefined : end + 1).map((record, at) => ({ ...record, at }));
      const outcomes = await replayed(ordered.map((record) => JSON.stringify(record)));
      assert.ok(outcomes.length <= rest.length);
    }),
    { numRuns: 30 },
  );
});
