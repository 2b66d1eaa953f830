import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdvertiseRecord, CaptureRecord } from "../../../../agent/capture/record.ts";
import { parseRecord } from "../../../../agent/capture/record.ts";
import { recordRadio } from "../../../../agent/capture/recording-radio.ts";
import { replayAdvertisements } from "../../../../agent/capture/replay-advertisements.ts";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import type { Advertisement, Radio } from "../../../../agent/radio/radio.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { advertisementOf } from "../../../support/advertisement.ts";

const SHUNT = "D1:C7:00:00:00:01";
const KEY = "aff4d0995b7d1e176c0c33ecb9e70dcd";
const FIRST = "100289a302413bafd03bb245e131ae926267f6fd0b59e0";
const THIRD = "100289a302453baf804707549cffb2ab970c981ae897b6";
const advertised = (hex: string) =>
  advertisementOf(SHUNT, {
    name: "SmartShunt",
    rssi: -71,
    manufacturerData: new Map([[0x02e1, Uint8Array.from(Buffer.from(hex, "hex"))]]),
  });

/** Records what this radio receives, one advertisement every 100 ms. */
async function recorded(advertisements: readonly Advertisement[]): Promise<CaptureRecord[]> {
  const clock = virtualClock(50_000);
  const radio: Radio = {
    async *scan() {},
    async *listen() {
      for (const advertisement of advertisements) {
        await clock.sleep(100);
        yield advertisement;
      }
    },
    connect: () => Promise.reject(new Error("only listens")),
    close: async () => {},
  };
  const records: CaptureRecord[] = [];
  const recording = recordRadio(radio, { drivers: DRIVERS, write: (record) => void records.push(record), clock });
  const received: Advertisement[] = [];
  for await (const one of recording.listen(SHUNT, new AbortController().signal)) received.push(one);
  assert.deepEqual(received, advertisements);
  return records;
}

test("what a listening agent receives is recorded as it was on the air, and read again", async () => {
  const records = await recorded([advertised(FIRST), advertised(THIRD)]);
  const known = { op: "advertise", address: SHUNT, name: "SmartShunt", services: [] };
  assert.deepEqual(records, [
    { at: 50_100, ...known, manufacturerData: { "02e1": FIRST }, rssi: -71 },
    { at: 50_200, ...known, manufacturerData: { "02e1": THIRD }, rssi: -71 },
  ]);
  for (const record of records) assert.deepEqual(parseRecord(JSON.stringify(record)), record);
});

test("an advertisement that is repeated is recorded once a second", async () => {
  const records = await recorded(Array.from({ length: 25 }, () => advertised(FIRST)));
  assert.deepEqual(
    records.map(({ at }) => at),
    [50_100, 51_100, 52_100],
  );
});

function replayed(hexes: readonly string[], pin?: string) {
  const records = hexes.map(
    (hex, i): AdvertiseRecord => ({
      at: 1_000 * i,
      op: "advertise",
      address: SHUNT,
      name: "",
      services: [],
      manufacturerData: { "02e1": hex },
      rssi: -71,
    }),
  );
  const polls = [...replayAdvertisements(records, DRIVERS, pin === undefined ? {} : { pin })];
  return polls.map((poll) =>
    poll.kind === "answer" ? [poll.driver, poll.answeredAtMs, poll.sample.volts, poll.rssi] : poll.error.fault,
  );
}

test("a replay gives one poll for each new record, by the driver that recognises it, with the key", () => {
  assert.deepEqual(replayed([FIRST, FIRST, "0200a2a30e0000", THIRD], KEY), [
    ["victron", 0, 12.52, -71],
    ["victron", 3_000, 12.52, -71],
  ]);
  assert.deepEqual(replayed([FIRST]), ["locked"]);
  assert.deepEqual(replayed(["100289a302"], KEY), ["truncated"]);
});
