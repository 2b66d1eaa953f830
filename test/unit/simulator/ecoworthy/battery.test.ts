import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../../../../common/model/reading.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { StreamRecord } from "../../../../simulator/battery.ts";
import { ecoworthyBattery, MODELS } from "../../../../simulator/ecoworthy/battery.ts";

const IDENTITY = { address: "E2:E0:5A:00:01:00", seed: "1", ageMs: 0, latencyMs: undefined, choices: "" } as const;
const PUSHED_MS = 1_050;
const START = Uint8Array.from(Buffer.from("ff0802000b01001401ffffffffffffff65ef", "hex"));

/** The records of about a second after a central subscribed, and perhaps sent a start. */
async function pushed(kind: keyof typeof MODELS, requests: readonly Uint8Array[] = []): Promise<StreamRecord[]> {
  const clock = virtualClock();
  const battery = ecoworthyBattery({ ...IDENTITY, kind }, MODELS[kind], clock);
  const records: StreamRecord[] = [];
  const link = new AbortController();
  const stream = battery.openStream?.({ send: (record) => records.push(record), ended: link.signal });
  stream?.subscribed?.("fff1", true);
  for (const bytes of requests) stream?.requested?.({ kind: "write", characteristic: "fff2", bytes });
  await clock.sleep(PUSHED_MS);
  link.abort();
  return records;
}

/** The values that are in fixed places of the data, by the published description of the records. */
function described({ register, bytes }: StreamRecord, headSize: number, perAmp: number): Sample {
  const data = Buffer.from(bytes).subarray(headSize);
  if (register === "a1") {
    const [percent, health] = [data.readUInt16BE(2), data.readUInt16BE(4)];
    const [volts, amps] = [data.readUInt16BE(6) / 100, data.readInt16BE(8) / perAmp];
    return { percent, health, volts, amps, capacity: data.readUInt32BE(10) / 100 };
  }
  const [cells, sensors] = [data.readUInt16BE(0), data.readUInt16BE(66)];
  return {
    cells,
    [`cell${cells}`]: data.readUInt16BE(2 * cells),
    [`temp${sensors}`]: data.readInt16BE(66 + 2 * sensors) / 10,
  };
}

for (const [kind, headSize, perAmp, sizes] of [
  ["ecoworthy-v1", 14, 100, [84, 102]],
  ["ecoworthy-v2", 12, 10, [82, 100]],
] as const) {
  test(`${kind}: pushes both records in turn, with the values of the log where they are described`, async () => {
    const records = await pushed(kind);
    assert.deepEqual(
      records.map(({ register }) => register),
      ["a1", "a2", "a1", "a2", "a1"],
    );
    for (const record of records) {
      assert.equal(record.bytes.length, sizes[record.register === "a1" ? 0 : 1]);
      const sample: Readonly<Record<string, number | undefined>> = record.sample;
      for (const [name, value] of Object.entries(described(record, headSize, perAmp))) {
        assert.equal(value, sample[name], name);
      }
    }
  });
}

test("a battery that waits is silent until it is sent a start with a sound checksum", async () => {
  assert.deepEqual(await pushed("dchouse"), []);
  assert.deepEqual(await pushed("dchouse", [START.with(7, 0x15)]), []);
  assert.equal((await pushed("dchouse", [START, START])).length, 5);
});

test("the name and the manufacturer data hold the address", () => {
  const { name, manufacturerData } = ecoworthyBattery(
    { ...IDENTITY, kind: "ecoworthy-v1" },
    MODELS["ecoworthy-v1"],
    virtualClock(),
  );
  assert.equal(name, "ECO-WORTHY 02_00FF");
  assert.deepEqual([...manufacturerData], [[0xe0e2, Uint8Array.of(0x5a, 0, 1, 0)]]);
});

test("no protection can be raised", () => {
  const battery = ecoworthyBattery({ ...IDENTITY, kind: "dchouse" }, MODELS.dchouse, virtualClock());
  assert.throws(() => battery.setProtection("ovp", true), /no protection ovp: this device has none/);
});
