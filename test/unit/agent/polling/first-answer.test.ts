import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { pollLoop } from "../../../../agent/polling/poll-loop.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import { type Clock, virtualClock } from "../../../../common/runtime/clock.ts";
import { characteristic } from "../../../support/characteristic.ts";
import { ADDRESS, badFrame, createScriptedDevice, type ScriptedDevice } from "../../../support/scripted-device.ts";

const NOTIFY = characteristic("fff0", "fff1");
const WRITE = characteristic("fff0", "fff2");

interface Setting {
  readonly clock: Clock;
  readonly device: ScriptedDevice;
  /** Every poll of a driver, by name. */
  readonly polled: string[];
}

/** The other family's driver, or the right one: what a poll of it does. */
type Behaviour = (setting: Setting) => Promise<number>;

const answers: Behaviour = async () => 12;
const isSilent: Behaviour = ({ clock }) =>
  clock.sleep(2_000).then(() => Promise.reject(new RadioError("timeout", "the device answers no request")));
const isDamaged: Behaviour = () => Promise.reject(badFrame());
const fault = (name: "torn" | "locked" | "refused"): Behaviour => {
  return () => Promise.reject(new FrameError(name, `it is ${name}`));
};
const hangs: Behaviour = ({ clock }) => clock.sleep(60_000).then(() => 13);
const losesLink: Behaviour = async ({ clock, device }) => {
  device.cut();
  await clock.sleep(200);
  return 13;
};

/** A poll loop whose drivers all fit the device equally well. */
function setUp(behaviours: Readonly<Record<string, Behaviour>>) {
  const clock = virtualClock();
  const device = createScriptedDevice(clock);
  const polled: string[] = [];
  const setting = { clock, device, polled };
  const drivers = Object.entries(behaviours).map(
    ([name, behaviour]): Driver => ({
      name,
      about: "",
      identify: [{ confidence: "possible", services: ["fff0"] }],
      open: async () => ({
        async poll() {
          polled.push(name);
          return { volts: await behaviour(setting) };
        },
        describe: async () => ({}),
      }),
    }),
  );
  const plan = { address: ADDRESS, drivers, settings: {}, periodMs: 1_000 };
  const stop = new AbortController();
  const polls = pollLoop(plan, { radio: device.radio, clock, random: () => 0.5 }, stop.signal);
  async function next() {
    const { value } = await polls.next();
    return value?.kind === "answer" ? value.driver : value?.error;
  }
  return { ...setting, polls, next };
}

for (const [about, other] of [
  ["is silent", isSilent],
  ["finds a damaged frame", isDamaged],
  ["is refused", fault("refused")],
  ["finds the device locked", fault("locked")],
  ["does not end", hangs],
] as const) {
  test(`of drivers that fit equally well, the first that reads the device is used, if the one before ${about}`, async () => {
    const { polls, next, polled, device } = setUp({ wrong: other, right: answers, later: answers });
    assert.equal(await next(), "right");
    assert.equal(await next(), "right");
    await polls.return(undefined);
    assert.deepEqual(polled, ["wrong", "right", "right", "right"]);
    assert.equal(device.connectedAt.length, 1);
  });
}

test("the poll that decided is not lost time only: its driver is used at once over the next link", async () => {
  const { polls, next, polled, device } = setUp({ wrong: isSilent, right: answers });
  assert.equal(await next(), "right");
  device.cut();
  assert.ok((await next()) instanceof RadioError);
  polled.length = 0;
  assert.equal(await next(), "right");
  await polls.return(undefined);
  assert.deepEqual(polled, ["right"]);
});

test("a driver whose request ends the link comes last the next time", async () => {
  const { polls, next, polled, device } = setUp({ wrong: losesLink, right: answers });
  assert.ok((await next()) instanceof RadioError);
  assert.equal(await next(), "right");
  await polls.return(undefined);
  assert.deepEqual(polled, ["wrong", "right", "right"]);
  assert.equal(device.connectedAt.length, 2);
});

test("a torn value is an answer of the right family", async () => {
  const { polls, next, polled } = setUp({ right: fault("torn"), other: answers });
  const torn = await next();
  assert.ok(torn instanceof FrameError && torn.fault === "torn");
  await polls.return(undefined);
  assert.deepEqual(polled, ["right", "right"]);
});

test("if no driver reads the device, the most revealing reason is reported, and all are tried again", async () => {
  const { polls, next, polled } = setUp({ one: isSilent, two: fault("locked"), three: isDamaged });
  const locked = await next();
  assert.ok(locked instanceof FrameError && locked.fault === "locked");
  await next();
  await polls.return(undefined);
  assert.deepEqual(polled, ["one", "two", "three", "one", "two", "three"]);
});

test("if no driver reads the device and no reason is revealing, the drivers are named", async () => {
  const { polls, next } = setUp({ one: isSilent, two: isDamaged });
  const error = await next();
  await polls.return(undefined);
  assert.ok(error instanceof RadioError && error.fault === "timeout");
  assert.match(error.message, /answered as a device of none of these drivers: one, two; .*--driver$/);
});

test("an error that no other family explains is thrown as it is", async () => {
  const adapterOff = new RadioError("adapter-off", "switch it on");
  const { polls, next, polled } = setUp({ one: () => Promise.reject(adapterOff), two: answers });
  assert.equal(await next(), adapterOff);
  await polls.return(undefined);
  assert.deepEqual(polled, ["one"]);
});

test("drivers on trial share the subscriptions of the link, and receive no notification of before", async () => {
  const clock = virtualClock();
  const device = createScriptedDevice(clock);
  let subscriptions = 0;
  const radio = {
    ...device.radio,
    async connect(...args: Parameters<typeof device.radio.connect>) {
      const link = await device.radio.connect(...args);
      return {
        ...link,
        subscribe(...at: Parameters<typeof link.subscribe>) {
          subscriptions += 1;
          return link.subscribe(...at);
        },
      };
    },
  };
  const driver = (name: string, isRight: boolean): Driver => ({
    name,
    about: "",
    identify: [{ confidence: "possible", services: ["fff0"] }],
    async open(link) {
      const notifications = await link.subscribe(NOTIFY);
      return {
        async poll() {
          assert.equal(await notifications.next(0), undefined, "nothing has arrived before the request");
          await link.write(WRITE, Uint8Array.of(isRight ? 12 : 0), "command");
          if (!isRight) await clock.sleep(500);
          const answer = isRight ? await notifications.next(1_000) : undefined;
          if (!answer) throw new RadioError("timeout", "no answer");
          return { volts: answer[0] ?? 0 };
        },
        describe: async () => ({}),
      };
    },
  });
  const plan = {
    address: ADDRESS,
    drivers: [driver("wrong", false), driver("right", true)],
    settings: {},
    periodMs: 1_000,
  };
  const polls = pollLoop(plan, { radio, clock, random: () => 0.5 }, new AbortController().signal);
  const { value } = await polls.next();
  await polls.return(undefined);
  assert.ok(value?.kind === "answer");
  assert.deepEqual([value.driver, value.alternatives, value.sample], ["right", ["wrong"], { volts: 12 }]);
  assert.equal(subscriptions, 1);
});
