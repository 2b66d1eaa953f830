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

/** Company 0x02E1: one byte of tenths of a volt. FF is refused; no byte at all carries no values. */
const beacon: Driver = {
  name: "beacon",
  about: "a monitor that broadcasts its voltage",
  identify: [{ confidence: "certain", companies: [COMPANY] }],
  decodeAdvertisement({ manufacturerData }) {
    const tenths = manufacturerData.get(COMPANY)?.[0];
    if (tenths === undefined) return undefined;
    if (tenths === 0xff) throw new FrameError("locked", "this key does not fit");
    return { volts: tenths / 10 };
  },
};
const broadcast = (tenths: number, rssi = -60) =>
  advertisementOf(ADDRESS, { rssi, manufacturerData: new Map([[COMPANY, Uint8Array.of(tenths)]]) });

/** A radio that advertises by a function of time, every 100 ms; it counts the time that it scans. */
function scanningRadio(advertised: (atMs: number) => Advertisement | undefined) {
  const clock = virtualClock();
  let scannedMs = 0;
  const radio: Radio = {
    async *scan(signal) {
      const startMs = clock.monotonic();
      try {
        while (!signal.aborted) {
          await clock.sleep(100, signal).catch(() => {});
          const advertisement = signal.aborted ? undefined : advertised(clock.monotonic());
          if (advertisement) yield advertisement;
        }
      } finally {
        scannedMs += clock.monotonic() - startMs;
      }
    },
    connect: () => Promise.reject(new RadioError("connect-failed", "a beacon is not connected to")),
    close: async () => {},
  };
  return { clock, radio, scannedMs: () => scannedMs };
}

const plan = { address: ADDRESS, drivers: [beacon], settings: {}, periodMs: 10_000 };

async function takePolls(
  count: number,
  advertised: (atMs: number) => Advertisement | undefined,
): Promise<{ polls: (Poll & { readonly atMs: number })[]; scannedMs: number }> {
  const { clock, radio, scannedMs } = scanningRadio(advertised);
  const stop = new AbortController();
  const polls: (Poll & { readonly atMs: number })[] = [];
  const loop = pollLoop(plan, { radio, clock, random: () => 0 }, stop.signal);
  for await (const poll of withOfflineReadings(loop, plan.periodMs, clock)) {
    polls.push({ ...poll, atMs: clock.monotonic() });
    if (polls.length === count) break;
  }
  stop.abort();
  return { polls, scannedMs: scannedMs() };
}

const brief = (poll: Poll) => (poll.kind === "answer" ? poll.sample.volts : `${poll.kind} ${poll.error.fault}`);

test("each period has the values of an advertisement in it, and the adapter scans no longer than it must", async () => {
  const { polls, scannedMs } = await takePolls(4, (atMs) => broadcast(Math.floor(atMs / 10_000) + 100, -70));
  assert.deepEqual(polls.map(brief), [10, 10.1, 10.2, 10.3]);
  assert.deepEqual(
    polls.map(({ atMs }) => Math.round(atMs / 1_000)),
    [0, 10, 20, 30],
  );
  for (const poll of polls) assert.ok(poll.kind === "answer" && poll.rssi === -70 && poll.driver === "beacon");
  assert.ok(scannedMs <= 1_000, `${scannedMs} ms`);
});

test("a device that goes silent is away, once a period, and is back with its first advertisement", async () => {
  const { polls } = await takePolls(6, (atMs) => (atMs > 15_000 && atMs < 62_000 ? undefined : broadcast(120)));
  assert.deepEqual(polls.map(brief), [12, 12, "away not-found", "away not-found", "away not-found", 12]);
  const last = polls.at(-1);
  assert.ok(last && last.atMs >= 62_000 && last.atMs < 64_000, `back after ${last?.atMs} ms`);
  assert.equal(last.links, 2);
});

test("other devices, and advertisements without values, are passed over", async () => {
  const others = [
    advertisementOf("C0:00:00:00:00:02", { manufacturerData: new Map([[COMPANY, Uint8Array.of(50)]]) }),
    advertisementOf(ADDRESS),
  ];
  const { polls } = await takePolls(2, (atMs) =>
    atMs % 300 === 0 ? broadcast(131) : others[atMs % 200 === 0 ? 0 : 1],
  );
  assert.deepEqual(polls.map(brief), [13.1, 13.1]);
});

test("a device that advertises without values and one that does not advertise give different errors", async () => {
  const { polls: heard } = await takePolls(1, () => advertisementOf(ADDRESS));
  const { polls: silent } = await takePolls(1, () => undefined);
  assert.match(heard[0]?.kind === "away" ? heard[0].error.message : "", /advertises, but without values/);
  assert.match(silent[0]?.kind === "away" ? silent[0].error.message : "", /was not found in 15 s/);
});

test("what the driver refuses is reported by its fault", async () => {
  const { polls } = await takePolls(1, () => broadcast(0xff));
  assert.deepEqual(polls.map(brief), ["away locked"]);
});

test("stopping ends the wait at once", async () => {
  const { clock, radio } = scanningRadio(() => undefined);
  const stop = new AbortController();
  const connecting = connectDevice(plan, { radio, clock }, stop.signal);
  const rejected = assert.rejects(connecting, /stopped/);
  await clock.sleep(500);
  stop.abort(new Error("stopped"));
  await rejected;
  assert.ok(clock.monotonic() < 1_000);
});

test("a driver that only listens is not connected with when it was not chosen by name", async () => {
  const other: Driver = { ...beacon, name: "other", identify: [] };
  const { clock, radio } = scanningRadio(() => undefined);
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
