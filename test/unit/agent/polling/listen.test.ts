import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { connectDevice } from "../../../../agent/polling/connect.ts";
import { withOfflineReadings } from "../../../../agent/polling/offline-readings.ts";
import { type Poll, pollLoop } from "../../../../agent/polling/poll-loop.ts";
import { type Advertisement, type Radio, RadioError } from "../../../../agent/radio/radio.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { advertisementOf } from "../../../support/advertisement.ts";

const ADDRESS = "C0:00:00:00:00:01";
const COMPANY = 0x02e1;

/** Company 0x02E1: one byte of tenths of a volt. FF is locked, FE refused; no byte at all carries no values. */
const beacon: Driver = {
  name: "beacon",
  about: "a monitor that broadcasts its voltage",
  identify: [{ confidence: "certain", companies: [COMPANY] }],
  decodeAdvertisement({ manufacturerData }) {
    const tenths = manufacturerData.get(COMPANY)?.[0];
    if (tenths === undefined) return undefined;
    if (tenths === 0xff) throw new FrameError("locked", "this key does not fit");
    if (tenths === 0xfe) throw new FrameError("truncated", "bytes are missing");
    return { volts: tenths / 10 };
  },
};
const broadcast = (tenths: number, rssi = -60) =>
  advertisementOf(ADDRESS, { rssi, manufacturerData: new Map([[COMPANY, Uint8Array.of(tenths)]]) });

/** Company 0x02E1: a byte that numbers the record, and one of tenths of a volt. */
const numbered: Driver = {
  ...beacon,
  decodeAdvertisement: ({ manufacturerData }) => ({ volts: (manufacturerData.get(COMPANY)?.[1] ?? 0) / 10 }),
  recordNumber: ({ manufacturerData }) => manufacturerData.get(COMPANY)?.[0],
};
const record = (number: number, tenths: number) =>
  advertisementOf(ADDRESS, { manufacturerData: new Map([[COMPANY, Uint8Array.of(number, tenths)]]) });

/** A radio that advertises by a function of time, every 100 ms. */
function listeningRadio(advertised: (atMs: number) => Advertisement | undefined) {
  const clock = virtualClock();
  const radio: Radio = {
    async *scan() {},
    async *listen(_to, signal) {
      while (!signal.aborted) {
        await clock.sleep(100, signal).catch(() => {});
        const advertisement = signal.aborted ? undefined : advertised(clock.monotonic());
        if (advertisement) yield advertisement;
      }
    },
    connect: () => Promise.reject(new RadioError("connect-failed", "a beacon is not connected to")),
    close: async () => {},
  };
  return { clock, radio };
}

const plan = { address: ADDRESS, drivers: [beacon], settings: {}, periodMs: 10_000 };

async function takePolls(
  count: number,
  advertised: (atMs: number) => Advertisement | undefined,
  driver = beacon,
): Promise<(Poll & { readonly atMs: number })[]> {
  const { clock, radio } = listeningRadio(advertised);
  const stop = new AbortController();
  const polls: (Poll & { readonly atMs: number })[] = [];
  const loop = pollLoop({ ...plan, drivers: [driver] }, { radio, clock, random: () => 0 }, stop.signal);
  for await (const poll of withOfflineReadings(loop, plan.periodMs, clock)) {
    polls.push({ ...poll, atMs: clock.monotonic() });
    if (polls.length === count) break;
  }
  stop.abort();
  return polls;
}

const brief = (poll: Poll) => (poll.kind === "answer" ? poll.sample.volts : `${poll.kind} ${poll.error.fault}`);

test("each period has the values of the newest advertisement in it, with its own time and no latency", async () => {
  const polls = await takePolls(4, (atMs) => broadcast(Math.floor(atMs / 1_000) + 100, -70));
  assert.deepEqual(polls.map(brief), [10, 11, 12, 13]);
  assert.deepEqual(
    polls.map(({ atMs }) => atMs),
    [100, 10_100, 20_100, 30_100],
  );
  for (const poll of polls) {
    assert.ok(poll.kind === "answer" && poll.rssi === -70 && poll.driver === "beacon" && poll.latencyMs === undefined);
    assert.ok(poll.atMs - poll.answeredAtMs <= 100, `${poll.answeredAtMs} ms`);
  }
});

test("one advertisement early in a period serves it", async () => {
  const polls = await takePolls(3, (atMs) => (atMs === 100 || atMs % 10_000 === 600 ? broadcast(125) : undefined));
  assert.deepEqual(polls.map(brief), [12.5, 12.5, 12.5]);
  assert.deepEqual(
    polls.map((poll) => poll.kind === "answer" && poll.answeredAtMs),
    [100, 600, 10_600],
  );
});

test("a period that is shorter than the time between two records waits for the next one", async () => {
  const second = (atMs: number) => Math.floor(atMs / 1_100);
  const { clock, radio } = listeningRadio((atMs) => record(second(atMs), second(atMs)));
  const stop = new AbortController();
  const values: unknown[] = [];
  for await (const poll of pollLoop(
    { ...plan, drivers: [numbered], periodMs: 1_000 },
    { radio, clock, random: () => 0 },
    stop.signal,
  )) {
    values.push(brief(poll));
    if (values.length === 8) break;
  }
  stop.abort();
  assert.deepEqual(values, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
});

test("a device that goes silent is away, once a period, and is back with its first advertisement", async () => {
  const polls = await takePolls(8, (atMs) => (atMs > 15_000 && atMs < 62_000 ? undefined : broadcast(120)));
  const away = "away not-found";
  assert.deepEqual(polls.map(brief), [12, 12, 12, away, away, away, away, 12]);
  assert.match(polls[3]?.kind === "away" ? polls[3].error.message : "", /was not found in 10 s/);
  const last = polls.at(-1);
  assert.ok(last && last.atMs >= 62_000 && last.atMs < 64_000, `back after ${last?.atMs} ms`);
  assert.equal(last.links, 2);
});

test("other advertisements of the device, without values, are passed over", async () => {
  const polls = await takePolls(2, (atMs) => (atMs % 300 === 0 ? broadcast(131) : advertisementOf(ADDRESS)));
  assert.deepEqual(polls.map(brief), [13.1, 13.1]);
});

test("a record that is repeated is taken once, and its number may go back", async () => {
  const seconds = (atMs: number) => Math.floor(atMs / 1_000);
  const stuck = await takePolls(4, (atMs) => record(Math.min(seconds(atMs), 12), 120), numbered);
  assert.deepEqual(stuck.map(brief), [12, 12, 12, "away not-found"]);
  assert.match(stuck[3]?.kind === "away" ? stuck[3].error.message : "", /repeats a record that was taken before/);
  const restarted = await takePolls(3, (atMs) => record(seconds(atMs) % 12, 120), numbered);
  assert.deepEqual(restarted.map(brief), [12, 12, 12]);
});

test("a device that advertises without values and one that does not advertise give different errors", async () => {
  const heard = await takePolls(1, () => advertisementOf(ADDRESS));
  const silent = await takePolls(1, () => undefined);
  assert.match(heard[0]?.kind === "away" ? heard[0].error.message : "", /advertises, but without values/);
  assert.match(silent[0]?.kind === "away" ? silent[0].error.message : "", /was not found in 15 s/);
});

test("what another password would open is reported at once; what else is refused, if nothing else comes", async () => {
  const locked = await takePolls(1, () => broadcast(0xff));
  assert.deepEqual(locked.map(brief), ["away locked"]);
  assert.equal(locked[0]?.atMs, 100);
  const torn = await takePolls(2, (atMs) => broadcast(atMs < 3_000 ? 0xfe : 120));
  assert.deepEqual(torn.map(brief), [12, 12]);
  const short = await takePolls(1, () => broadcast(0xfe));
  assert.deepEqual(short.map(brief), ["away truncated"]);
});

test("refused records among good ones change nothing; a period of them alone fails, and the link stands", async () => {
  const mixed = await takePolls(2, (atMs) => broadcast(atMs % 200 === 0 ? 0xff : 120));
  assert.deepEqual(mixed.map(brief), [12, 12]);
  const changed = await takePolls(4, (atMs) => broadcast(atMs > 10_000 && atMs < 20_200 ? 0xff : 120));
  assert.deepEqual(changed.map(brief), [12, 12, "bad-answer locked", 12]);
});

test("the end of the adapter is the loss of the link", async () => {
  const { clock, radio } = listeningRadio(() => broadcast(120));
  const off = new RadioError("adapter-off", "the adapter is off");
  const failing: Radio = {
    ...radio,
    async *listen(to, signal) {
      for await (const advertisement of radio.listen(to, signal)) {
        if (clock.monotonic() > 5_000) throw off;
        yield advertisement;
      }
    },
  };
  const connection = await connectDevice(plan, { radio: failing, clock }, new AbortController().signal);
  await clock.sleep(6_000);
  assert.equal(connection.link.lost.reason, off);
  await connection.close();
});

test("stopping ends the wait at once", async () => {
  const { clock, radio } = listeningRadio(() => undefined);
  const stop = new AbortController();
  const connecting = connectDevice(plan, { radio, clock }, stop.signal);
  const rejected = assert.rejects(connecting, /stopped/);
  await clock.sleep(500);
  stop.abort(new Error("stopped"));
  await rejected;
  assert.ok(clock.monotonic() < 1_000);
});

test("a device that its advertisement shows to broadcast is listened to, where no driver was named", async () => {
  const { clock, radio } = listeningRadio(() => broadcast(131));
  const admitting: Radio = {
    ...radio,
    async connect(_to, _signal, admit) {
      admit?.(broadcast(131));
      throw new Error("a connection was made");
    },
  };
  const other: Driver = { ...beacon, name: "other", identify: [] };
  const target = { ...plan, drivers: [other, beacon] };
  const connection = await connectDevice(target, { radio: admitting, clock }, new AbortController().signal);
  assert.deepEqual([connection.driver.name, await connection.poll()], ["beacon", { volts: 13.1 }]);
  await connection.close();
});

test("a driver that only listens is not connected with when it was not chosen by name", async () => {
  const other: Driver = { ...beacon, name: "other", identify: [] };
  const { clock, radio } = listeningRadio(() => undefined);
  const link = {
    address: ADDRESS,
    services: [],
    advertisement: broadcast(100),
    lost: new AbortController().signal,
    close: async () => {},
  };
  const connectable = { ...radio, connect: async () => link } as unknown as Radio;
  const connecting = connectDevice(
    { ...plan, drivers: [other, beacon] },
    { radio: connectable, clock },
    new AbortController().signal,
  );
  await assert.rejects(connecting, { fault: "unsupported", message: /broadcasts its values.*--driver beacon/ });
});
