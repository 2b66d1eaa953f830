import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "../../../../simulator/csv-rows.ts";
import { batteryLines } from "../../../../simulator/demo/table.ts";

const NOW = 1_795_777_193_078;
const PACK: Row = {
  ...{ time: String(NOW - 2_000), online: "1", volts: "52.590", amps: "-8.320", watts: "-437.55", percent: "69.0" },
  ...{ cellmin: "3274", cellmax: "3276", delta: "2", temp1: "21.2", ovp: "0", alarm: "0" },
};
/** The lines of batteries whose newest rows are given, oldest first. */
const linesOf = (...batteries: readonly (readonly [meter: string, ...rows: readonly Row[]])[]) =>
  batteryLines(
    batteries.map(([meter, ...rows]) => ({
      meter,
      newest: rows.at(-1),
      measured: rows.findLast(({ online }) => online === "1"),
    })),
    NOW,
  ).split("\n");

test("each battery is one line with its values, its condition and its age", () => {
  const shunt = {
    time: String(NOW),
    online: "1",
    volts: "12.876",
    amps: "0.808",
    watts: "10.40",
    percent: "100.0",
    temp: "35.5",
  };
  assert.deepEqual(linesOf(["house", PACK], ["solar", shunt]), [
    "house   52.59 V    -8.3 A   -438 W   69 % ▓▓▓▓▓▓▓░░░  cells 3274–3276 mV (Δ 2)   21.2 °C  ok  2 s ago",
    "solar   12.88 V     0.8 A     10 W  100 % ▓▓▓▓▓▓▓▓▓▓                             35.5 °C  ok  0 s ago",
    "",
  ]);
});

test("a protection that acts stands there in words, another alarm as reported", () => {
  assert.match(linesOf(["house", { ...PACK, ovp: "1", cot: "1" }])[0] ?? "", /cell over-voltage.*, charge over-temp/);
  assert.match(linesOf(["house", { ...PACK, alarm: "4" }])[0] ?? "", / alarm 4 /);
});

test("a battery that does not answer shows its last values with their age", () => {
  const away = { time: String(NOW), online: "0" };
  assert.match(
    linesOf(["house", { ...PACK, time: String(NOW - 60_000) }, away])[0] ?? "",
    /52\.59 V .* no answer {2}60 s ago/,
  );
  assert.equal(linesOf(["house", away])[0], "house  no answer");
  assert.equal(linesOf(["house"])[0], "house  connecting");
});
