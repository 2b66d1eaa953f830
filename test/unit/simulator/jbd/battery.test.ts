import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePack } from "../../../../agent/drivers/jbd/basic-information.ts";
import { decodeCells } from "../../../../agent/drivers/jbd/registers.ts";
import { packSample } from "../../../../agent/drivers/jbd/sample.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { JBD_PRESETS } from "../../../../simulator/jbd/presets.ts";
import { simulateJbd } from "../../../../simulator/jbd/state.ts";
import { DEVICE_KINDS } from "../../../../simulator/registry.ts";
import { fc } from "../../../support/property.ts";
import { connectCentral, REQUEST_CELLS, REQUEST_INFO, REQUEST_MODEL } from "../../../support/simulated-central.ts";

const JBD_KINDS = DEVICE_KINDS.filter((kind) => kind.startsWith("jbd"));
const NOTHING_STOPS = { protect: 0, switchedOff: 0 } as const;
const payloadOf = (pieces: readonly string[]) => Buffer.from(pieces.join(""), "hex").subarray(4, -3);

test("a four-cell pack starts with the captured answers, byte for byte", async () => {
  const { request } = connectCentral(virtualClock(), { kind: "jbd4", latencyMs: 1 });
  assert.deepEqual(await request(REQUEST_INFO, 20), [
    "dd03001d055a00006d5e6d6000002c7c00000000",
    "000080640304030b6e0b6e0b6afaef77",
  ]);
  assert.deepEqual(await request(REQUEST_CELLS, 20), ["dd0400080d660d610d680d59fe3c77"]);
  assert.deepEqual(await request(REQUEST_MODEL, 20), [
    "dd0500194a42442d53503034533033342d4c3453",
    "2d323030412d422d55fa0877",
  ]);
  assert.equal(
    (await request("dda5aa00ff5677", 20)).join(""),
    `ddaa0018${"0000".repeat(4)}0001${"0000".repeat(6)}0001ffe677`,
  );
});

test("an eight-cell pack starts with the captured answer", async () => {
  const { request } = connectCentral(virtualClock(), { kind: "jbd8", latencyMs: 1 });
  assert.deepEqual(await request(REQUEST_INFO, 20), [
    "dd03001b0a50fda4b717dac000002cf300000000",
    "000016540308020b7d0b77f8e277",
  ]);
});

for (const kind of JBD_KINDS) {
  test(`${kind}: the log holds what a reader decodes, at any time, with any alarm`, async () => {
    const clock = virtualClock();
    const { request, records, simulator } = connectCentral(clock, { kind });
    for (const [i, word] of ["", "ovp", "uvp", "sc", "cot"].entries()) {
      if (word) simulator.alarm("all", word, true);
      records.length = 0;
      const info = decodePack(payloadOf(await request(REQUEST_INFO)));
      const cells = decodeCells(payloadOf(await request(REQUEST_CELLS)));
      const [ofInfo, ofCells] = records.map(({ sample }) => sample);
      assert.deepEqual(packSample(info, cells), { ...ofInfo, ...ofCells });
      assert.equal(info.head.cells, cells.length);
      if (word) simulator.alarm("all", word, false);
      await clock.sleep(40_000 * (i + 1));
    }
  });
}

test("a pack changes over time: current, charge, cells and temperatures move, and stay possible", () => {
  for (const [count, start] of JBD_PRESETS) {
    const { stateAt: life } = simulateJbd(start, "7");
    const states = Array.from({ length: 400 }, (_, i) => life(i * 901_000, NOTHING_STOPS));
    const range = (of: (state: (typeof states)[number]) => number) => {
      const values = states.map(of);
      return [Math.min(...values), Math.max(...values)] as const;
    };
    const [lowestAmps, highestAmps] = range(({ amps }) => amps);
    assert.ok(lowestAmps < -1 && highestAmps > 1, `${count} cells charge and discharge`);
    const [leastCharge, mostCharge] = range(({ remain }) => remain);
    assert.ok(
      leastCharge >= 0 && mostCharge <= (start.pack.flow?.capacity ?? 0) && mostCharge > leastCharge,
      `${leastCharge} to ${mostCharge} Ah`,
    );
    const [lowest, highest] = range(({ cells }) => cells[0] ?? 0);
    assert.ok(highest > lowest && lowest > 2_500 && highest < 4_300, `${lowest} to ${highest} mV`);
    const [, balancing] = range(({ pack }) => pack.head.balanceLow);
    assert.ok(balancing > 0, `${count} cells balance at times`);
    const [coldest, warmest] = range(({ pack }) => pack.temperatures[0] ?? 0);
    assert.ok(warmest > coldest && warmest - coldest < 10, `${coldest} to ${warmest} °C`);
    const cycles = states.map(({ pack }) => pack.head.cycles);
    assert.ok((cycles.at(-1) ?? 0) > (cycles[0] ?? 0), `${count} cells count their cycles`);
  }
});

test("the state depends on seed and time only", () => {
  const start = JBD_PRESETS.get(16);
  assert.ok(start, "there is a pack of 16 cells");
  const { stateAt: once } = simulateJbd(start, "a");
  const { stateAt: again } = simulateJbd(start, "a");
  again(5, NOTHING_STOPS);
  assert.deepEqual(again(123_456, NOTHING_STOPS), once(123_456, NOTHING_STOPS));
  assert.notDeepEqual(simulateJbd(start, "b").stateAt(123_456, NOTHING_STOPS), once(123_456, NOTHING_STOPS));
});

test("an alarm sets its bit, the alarm word in the tail, its MOSFET and its counter", async () => {
  const clock = virtualClock();
  const { request, records, simulator } = connectCentral(clock, { kind: "jbd16" });
  const counter = async () => payloadOf(await request("dda5aa00ff5677")).readUInt16BE(6);
  assert.equal(await counter(), 0);
  simulator.alarm("all", "ovp", true);
  simulator.alarm("all", "ovp", true);
  await request(REQUEST_INFO);
  const sample = records.at(-1)?.sample;
  assert.deepEqual([sample?.protect, sample?.ovp, sample?.alarm, sample?.fet], [1, 1, 1, 2]);
  assert.equal(await counter(), 1);
  simulator.alarm("all", "ovp", false);
  await request(REQUEST_INFO);
  assert.deepEqual([records.at(-1)?.sample.protect, records.at(-1)?.sample.fet], [0, 3]);
  assert.throws(() => simulator.alarm("all", "fire", true), /no protection fire: choose one of ovp, /);
});

test("answers take the captured time unless a latency is given", async () => {
  const took = async (latencyMs?: number) => {
    const { request, records } = connectCentral(virtualClock(), latencyMs === undefined ? {} : { latencyMs });
    for (const hex of [REQUEST_INFO, REQUEST_CELLS, REQUEST_MODEL]) await request(hex);
    return records.map((record) => record.took);
  };
  assert.deepEqual(await took(), [77, 47, 70]);
  assert.deepEqual(await took(5), [5, 5, 5]);
});

const UNANSWERED = [
  "",
  "dd",
  "00",
  "dda50300fffd",
  "dda50300fffe77",
  "dda50300fffd7700",
  "ffaa150630303030303000",
  "ffaa170017",
];
const REFUSED: readonly [about: string, request: string, answer: string][] = [
  ["an unknown register", "dda50200fffe77", "dd028000ff8077"],
  ["a board's password", "dd5a060706000000000000ffed77", "dd068000ff8077"],
];
for (const [about, request, answer] of REFUSED) {
  test(`${about} is refused with status 80`, async () => {
    assert.deepEqual(await connectCentral(virtualClock()).request(request), [answer]);
  });
}
test("bytes that are not a request are not answered", async () => {
  for (const bytes of UNANSWERED) assert.deepEqual(await connectCentral(virtualClock()).request(bytes), [], bytes);
});

test("a module without a password reports that", async () => {
  assert.deepEqual(await connectCentral(virtualClock()).request("ffaa15063030303030303b"), ["ffaa15010218"]);
});

test("any bytes that are written leave the pack answering", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), async (writes) => {
      const { link, request } = connectCentral(virtualClock(), { latencyMs: 0 });
      for (const bytes of writes) link.write("ff02", bytes);
      assert.match((await request(REQUEST_CELLS)).join(""), /dd040020([0-9a-f]{4}){16}[0-9a-f]{4}77$/);
      link.close();
    }),
  );
});
