import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecording } from "../../../../agent/capture/parse.ts";
import type { CaptureRecord } from "../../../../agent/capture/record.ts";
import { recordRadio } from "../../../../agent/capture/recording-radio.ts";
import { replay } from "../../../../agent/capture/replay.ts";
import { createReplayRadio } from "../../../../agent/capture/replay-radio.ts";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { connectDevice } from "../../../../agent/polling/connect.ts";
import { type Poll, pollLoop } from "../../../../agent/polling/poll-loop.ts";
import { type Radio, RadioError } from "../../../../agent/radio/radio.ts";
import { type Clock, virtualClock } from "../../../../common/runtime/clock.ts";
import { advertisementOf } from "../../../support/advertisement.ts";
import { characteristic } from "../../../support/characteristic.ts";
import { fc } from "../../../support/property.ts";
import { ADDRESS, createScriptedDevice, type ScriptedDevice } from "../../../support/scripted-device.ts";

const never = new AbortController().signal;

/** Sends `hello`, again after half a second, and takes the length of the echo for volts. */
const echoDriver: Driver = {
  name: "echo",
  about: "a device that sends each request back",
  identify: [],
  async open(link) {
    const notifications = await link.subscribe(characteristic("fff0", "fff1"));
    const request = Buffer.from("hello");
    return {
      async poll() {
        for (let i = 0; i < 2; i++) {
          await link.write(characteristic("fff0", "fff2"), request, "command");
          const answer = await notifications.next(500);
          if (answer?.length === request.length) return { volts: answer.length };
          if (answer) throw new FrameError("truncated", `${answer.length} bytes`);
        }
        throw new RadioError("timeout", "no echo");
      },
      describe: async () => ({}),
      keepAlive: { afterMs: 6_000, send: async () => void (await link.read(characteristic("fff0", "fff1"))) },
    };
  },
};

const lineOf = (poll: Poll) => (poll.kind === "answer" ? poll.sample : poll.error.fault);

/** A live session that is recorded, and what it brought. `disturb` is called before each poll. */
async function live(periodMs: number, pollCount: number, disturb: (device: ScriptedDevice, poll: number) => void) {
  const clock = virtualClock(1_700_000_000_000);
  const device = createScriptedDevice(clock);
  const records: CaptureRecord[] = [];
  const radio = recordRadio(device.radio, { drivers: [], write: (record) => void records.push(record), clock });
  const plan = { address: ADDRESS, drivers: [echoDriver], settings: {}, periodMs };
  const polls = pollLoop(plan, { radio, clock, random: () => 0.5 }, never);
  const outcomes = [];
  disturb(device, 0);
  for await (const poll of polls) {
    if (poll.kind !== "link-lost") outcomes.push(lineOf(poll));
    if (outcomes.length === pollCount) break;
    disturb(device, outcomes.length);
  }
  return { outcomes, text: records.map((record) => `${JSON.stringify(record)}\n`).join("") };
}

async function replayed(text: string, driver: Driver = echoDriver) {
  const outcomes = [];
  const polls = replay(parseRecording(text).exchanges, [driver], never);
  for await (const poll of polls) outcomes.push(lineOf(poll));
  return outcomes;
}

test("a capture holds the events of a link, in the documented format", async () => {
  const { text } = await live(1_000, 1, () => {});
  const at = (ms: number) => 1_700_000_000_000 + ms;
  assert.deepEqual(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
    [
      { at: at(50), op: "connect", address: ADDRESS, addressType: "public", services: ["fff0"] },
      { at: at(50), op: "subscribe", service: "fff0", characteristic: "fff1" },
      { at: at(50), op: "write", service: "fff0", characteristic: "fff2", hex: "68656c6c6f" },
      { at: at(150), op: "notify", service: "fff0", characteristic: "fff1", hex: "68656c6c6f" },
      { at: at(150), op: "disconnect" },
    ],
  );
});

/** Sends `one` and then `two`; the lengths of the answers are volts and amps. */
const pairDriver: Driver = {
  ...echoDriver,
  async open(link) {
    const notifications = await link.subscribe(characteristic("fff0", "fff1"));
    async function lengthOf(request: string): Promise<number> {
      await link.write(characteristic("fff0", "fff2"), Buffer.from(request), "command");
      const answer = await notifications.next(500);
      if (!answer) throw new RadioError("timeout", "no answer");
      return answer.length;
    }
    return {
      poll: async () => ({ volts: await lengthOf("one"), amps: await lengthOf("two") }),
      describe: async () => ({}),
    };
  },
};

test("a link that was lost between two requests takes no answers of the next link", async () => {
  const records: CaptureRecord[] = [];
  const record = (draft: object) => void records.push({ at: 10 * records.length, ...draft } as CaptureRecord);
  const request = (text: string, answer: string) => {
    record({ op: "write", characteristic: "fff2", hex: Buffer.from(text).toString("hex") });
    record({ op: "notify", characteristic: "fff1", hex: answer });
  };
  const begin = () => {
    record({ op: "connect", address: ADDRESS, addressType: "public", services: ["fff0"] });
    record({ op: "subscribe", characteristic: "fff1" });
  };
  begin();
  request("one", "aaaa");
  record({ op: "disconnect" });
  begin();
  request("one", "bbbb");
  request("two", "bb");
  request("one", "cccccc");
  request("two", "cccc");
  record({ op: "disconnect" });
  const text = records.map((each) => JSON.stringify(each)).join("\n");
  assert.deepEqual(await replayed(text, pairDriver), ["disconnected", { volts: 2, amps: 1 }, { volts: 3, amps: 2 }]);
});

/** A link that is recorded, on a device whose writes take a while to be through. */
async function recordedLink(clock: Clock, writeMs: number) {
  const device = createScriptedDevice(clock);
  const slow: Radio = {
    ...device.radio,
    async connect(to, signal) {
      const link = await device.radio.connect(to, signal);
      return {
        ...link,
        async write(characteristic, bytes, mode) {
          await link.write(characteristic, bytes, mode);
          await clock.sleep(writeMs);
        },
      };
    },
  };
  const records: CaptureRecord[] = [];
  const radio = recordRadio(slow, { drivers: [], write: (record) => void records.push(record), clock });
  return { device, radio, link: await radio.connect(ADDRESS, never), records };
}

test("a write is recorded when it completes, because the wait for its answer begins then", async () => {
  const { link, records } = await recordedLink(virtualClock(), 60);
  const notifications = await link.subscribe(characteristic("fff0", "fff1"));
  await link.write(characteristic("fff0", "fff2"), Uint8Array.of(1), "command");
  await notifications.next(500);
  await link.close();
  assert.deepEqual(
    records.map(({ at, op }) => `${at} ${op}`),
    ["50 connect", "50 subscribe", "110 write", "150 notify", "150 disconnect"],
  );
});

test("an answer that arrives before its write completes is recorded after it", async () => {
  const { link, records } = await recordedLink(virtualClock(), 200);
  await link.subscribe(characteristic("fff0", "fff1"));
  await link.write(characteristic("fff0", "fff2"), Uint8Array.of(1), "command");
  await link.close();
  assert.deepEqual(
    records.map(({ at, op }) => `${at} ${op}`),
    ["50 connect", "50 subscribe", "150 write", "150 notify", "250 disconnect"],
  );
});

test("events after the end of a link, or after the radio was closed, are not recorded", async () => {
  for (const end of ["cut", "close"] as const) {
    const clock = virtualClock();
    const { device, radio, link, records } = await recordedLink(clock, 0);
    const notifications = await link.subscribe(characteristic("fff0", "fff1"));
    await link.write(characteristic("fff0", "fff2"), Uint8Array.of(1), "command");
    if (end === "cut") device.cut();
    else await radio.close();
    await link.write(characteristic("fff0", "fff2"), Uint8Array.of(2), "command").catch(() => {});
    await notifications.next(500).catch(() => {});
    assert.deepEqual(
      records.map(({ op }) => op),
      ["connect", "subscribe", "write", "disconnect"],
    );
  }
});

/** Lines of a capture of ADDRESS, by seconds since its beginning. */
const captured = (...lines: readonly (readonly [at: number, fields: object])[]) =>
  [
    [0, { op: "connect", address: ADDRESS, addressType: "public", services: ["fff0"] }] as const,
    [0, { op: "subscribe", characteristic: "fff1" }] as const,
    ...lines,
  ]
    .map(([at, fields]) => `${JSON.stringify({ at: 1_000 * at, ...fields })}\n`)
    .join("");
const HELLO = { op: "write", characteristic: "fff2", hex: "68656c6c6f" };
const ECHO = { op: "notify", characteristic: "fff1", hex: "68656c6c6f" };
const HALF = { op: "notify", characteristic: "fff1", hex: "6865" };

test("an answer that came late, but before the request was repeated, arrives before the repetition in the replay", async () => {
  // As a machine that stands still for 0.9 s finds it.
  const text = captured([1, HELLO], [1.9, HALF], [1.901, HELLO], [1.98, ECHO], [10, HELLO], [10.1, ECHO]);
  assert.deepEqual(await replayed(text), ["truncated", { volts: 5 }]);
});

test("an answer that came after the last request of its poll does not count", async () => {
  const text = captured([1, HELLO], [1.5, HELLO], [2.2, ECHO], [10, HELLO], [10.1, ECHO]);
  assert.deepEqual(await replayed(text), ["timeout", { volts: 5 }]);
});

test("a capture replays to the same outcomes, whatever went wrong", async () => {
  const trouble = fc.constantFrom(
    "none",
    "none",
    "silent",
    "slow",
    "too slow",
    "doubled",
    "cut soon",
    "cut in the poll",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(trouble, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(500, 1_000, 10_000, 60_000),
      async (troubles, periodMs) => {
        const { outcomes, text } = await live(periodMs, troubles.length, (device, poll) => {
          const what = troubles[poll] ?? "none";
          device.echoes = what === "silent" ? 0 : what === "doubled" ? 2 : 1;
          device.latencyMs = { slow: 400, "too slow": 900 }[what as string] ?? 70;
          if (what === "cut soon") device.cut();
          if (what === "cut in the poll") device.cutAtNextRequest();
        });
        assert.deepEqual(await replayed(text), outcomes);
      },
    ),
    { numRuns: 25 },
  );
});

test("equal characteristics of two services are recorded and replayed apart", async () => {
  const twins: Driver = {
    name: "twins",
    about: "a device with the same characteristic in two services",
    identify: [],
    async open(link) {
      const read = async (service: string) => (await link.read(characteristic(service, "ff01")))[0] ?? 0;
      return {
        poll: async () => ({ volts: await read("fff0"), volts2: await read("ff00") }),
        describe: async () => ({}),
      };
    },
  };
  const reads = [1, 2].map((n) => [
    n,
    { op: "read", service: ["ff00", "fff0"][n - 1], characteristic: "ff01", hex: `0${n}` },
  ]);
  const text = captured(...(reads as [number, object][]));
  assert.deepEqual(await replayed(text, twins), [{ volts: 2, volts2: 1 }]);
});

test("a read that failed is recorded with its fault, and fails again in the replay", async () => {
  const reader: Driver = {
    name: "reader",
    about: "a device that is read",
    identify: [],
    open: async (link) => ({
      poll: async () => ({ volts: (await link.read(characteristic("fff0", "fff1")))[0] ?? 0 }),
      describe: async () => ({}),
    }),
  };
  const clock = virtualClock();
  const records: CaptureRecord[] = [];
  const { radio } = createScriptedDevice(clock);
  let reads = 0;
  const failing: Radio = {
    ...radio,
    async connect(to, signal) {
      const link = await radio.connect(to, signal);
      return {
        ...link,
        async read(at) {
          reads += 1;
          if (reads === 1) throw new RadioError("not-permitted", "no");
          return link.read(at);
        },
      };
    },
  };
  const recorded = recordRadio(failing, { drivers: [], write: (record) => void records.push(record), clock });
  const polls = pollLoop(
    { address: ADDRESS, drivers: [reader], settings: {}, periodMs: 1_000 },
    { radio: recorded, clock, random: () => 0 },
    never,
  );
  const outcomes = [];
  for await (const poll of polls) if (outcomes.push(lineOf(poll)) === 2) break;
  assert.deepEqual(outcomes, ["not-permitted", { volts: 1 }]);
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  assert.deepEqual(await replayed(text, reader), outcomes);
});

test("the advertisement of a link is recorded, and the replay chooses the driver by it", async () => {
  const services = ["fff0"];
  const pattern = (name: string): Driver => ({
    name,
    about: "one of two drivers for a shared service",
    identify: [{ confidence: "certain", services, names: [name] }],
    open: async () => ({ poll: async () => ({ volts: name.length }), describe: async () => ({}) }),
  });
  const clock = virtualClock();
  const records: CaptureRecord[] = [];
  const { radio } = createScriptedDevice(clock);
  const manufacturerData = new Map([[0x02e1, Uint8Array.of(0x10, 0x02)]]);
  const advertisement = advertisementOf(ADDRESS, { name: "three", services, manufacturerData });
  const advertising: Radio = {
    ...radio,
    connect: async (to, signal) => ({ ...(await radio.connect(to, signal)), advertisement }),
  };
  const recorded = recordRadio(advertising, { drivers: [], write: (record) => void records.push(record), clock });
  await (await recorded.connect(ADDRESS, never)).close();
  assert.deepEqual(records[0]?.op === "connect" && records[0].advertisement, {
    name: "three",
    services,
    manufacturerData: { 737: "1002" },
  });

  const drivers = [pattern("one"), pattern("three")];
  const replayedLink = createReplayRadio(
    parseRecording(records.map((record) => `${JSON.stringify(record)}\n`).join("")).exchanges,
    drivers,
    virtualClock(),
  );
  const connection = await connectDevice(
    { address: ADDRESS, drivers, settings: {} },
    { radio: replayedLink, clock },
    never,
  );
  assert.equal(connection.driver.name, "three");
  await connection.close();
});
