import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDocuments, MAX_DOCUMENT_BYTES } from "../../../../aggregator/outputs/csv.ts";
import { isQuantity, QUANTITIES, QUANTITY_NAMES, type Quantity } from "../../../../common/model/quantities.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { type Row, toReading } from "../../../../common/model/row.ts";
import { fc } from "../../../support/property.ts";
import { rowOf } from "../../../support/reading.ts";

const at = (seq: number, sample: Sample, meter = "bms"): Row => rowOf(seq, { sample, meter });

test("one reading is a header and a row, in the order of the vocabulary and with fixed decimals", () => {
  const sample = {
    latency: 131,
    online: 1,
    cell2: 3301,
    cell1: 3300,
    percent: 87,
    amps: -0.0001,
    volts: 13.3,
    kwh: 12.5,
  };
  assert.deepEqual(formatDocuments([at(1, sample)]), [
    "meter,time,volts,amps,percent,cell1,cell2,kwh,online,latency\n" +
      "bms,1700000000001,13.300,0.000,87.0,3300,3301,12.500000,1,131\n",
  ]);
});

test("rows of one shape share a document, also of different meters; each other shape has its own", () => {
  const readings = [
    at(1, { volts: 13.3, online: 1 }),
    at(2, { online: 0 }, "solar"),
    at(3, { online: 1, volts: 26.6 }, "house bank"),
    at(4, { volts: 13.31, online: 1 }),
  ];
  assert.deepEqual(formatDocuments(readings), [
    "meter,time,volts,online\n" +
      "bms,1700000000001,13.300,1\n" +
      "house bank,1700000000003,26.600,1\n" +
      "bms,1700000000004,13.310,1\n",
    "meter,time,online\nsolar,1700000000002,0\n",
  ]);
});

test("a reading of a site has it after the time; rows with and without one share no document", () => {
  const readings = [
    at(1, { volts: 13.3 }),
    { ...at(2, { volts: 13.31 }), site: "shed" },
    { ...at(3, { volts: 13.32 }, "solar"), site: "boat" },
  ];
  assert.deepEqual(formatDocuments(readings), [
    "meter,time,volts\nbms,1700000000001,13.300\n",
    "meter,time,site,volts\nbms,1700000000002,shed,13.310\nsolar,1700000000003,boat,13.320\n",
  ]);
});

test("a reading without quantities has no row", () => {
  assert.deepEqual(formatDocuments([at(1, {})]), []);
  assert.deepEqual(formatDocuments([]), []);
});

test("a document ends before it exceeds the size of one write, in bytes", () => {
  const readings = Array.from({ length: 2000 }, (_, i) => at(i + 1, { volts: 13.3 }, "Küche"));
  const documents = formatDocuments(readings);
  const row = Buffer.byteLength("Küche,1700000000001,13.300\n");
  const header = "meter,time,volts\n".length;
  const rowsInOne = Math.floor((MAX_DOCUMENT_BYTES - header) / row);
  assert.equal(documents.length, Math.ceil(2000 / rowsInOne));
  for (const document of documents) {
    assert.ok(Buffer.byteLength(document) <= MAX_DOCUMENT_BYTES);
    assert.ok(document.startsWith("meter,time,volts\n"));
  }
  assert.equal(Buffer.byteLength(documents[0] ?? ""), header + rowsInOne * row);
});

test("the largest possible reading fits into a document", () => {
  const sample = Object.fromEntries(QUANTITY_NAMES.map((name) => [name, -Number.MAX_SAFE_INTEGER])) as Sample;
  const [document, ...more] = formatDocuments([at(Number.MAX_SAFE_INTEGER, sample, "電".repeat(64))]);
  assert.deepEqual(more, []);
  assert.ok(Buffer.byteLength(document ?? "") <= MAX_DOCUMENT_BYTES);
});

/** The cells of the documents, as `name=value` in one line per row. */
function parse(documents: readonly string[]): string[] {
  return documents.flatMap((document) => {
    const [header = "", ...rows] = document.trimEnd().split("\n");
    const names = header.split(",");
    return rows.map((row) => {
      const cells = row.split(",");
      assert.equal(cells.length, names.length);
      return names.map((name, i) => `${name}=${cells[i]}`).join(" ");
    });
  });
}

test("every quantity of every reading appears in its column once, floats with a point and ints without", () => {
  const sample = fc.record(
    Object.fromEntries(
      QUANTITY_NAMES.map((name) => [
        name,
        QUANTITIES[name].kind === "int" ? fc.maxSafeInteger() : fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      ]),
    ),
    { requiredKeys: [], noNullPrototype: true },
  );
  const samples = fc.array(sample, { maxLength: 20 });
  fc.assert(
    fc.property(samples, (each) => {
      const readings = each.map((one, i) => at(i + 1, one));
      const expected = readings
        .map(toReading)
        .filter((reading) => Object.keys(reading.sample).length > 0)
        .map(({ takenAt, sample: one }) => {
          const cells = (Object.keys(QUANTITIES) as Quantity[])
            .filter((name) => one[name] !== undefined)
            .map((name) => `${name}=${digits(name, one[name] ?? 0)}`);
          return [`meter=bms time=${takenAt}`, ...cells].join(" ");
        });
      assert.deepEqual(parse(formatDocuments(readings)).sort(), expected.sort());
    }),
    { numRuns: 50 },
  );
});

/** The number as Intl writes it, for comparison. */
function digits(name: string, value: number): string {
  assert.ok(isQuantity(name));
  const { decimals } = QUANTITIES[name];
  const text = new Intl.NumberFormat("en", {
    useGrouping: false,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: "negative",
  }).format(Number(value.toFixed(decimals)));
  return text;
}
