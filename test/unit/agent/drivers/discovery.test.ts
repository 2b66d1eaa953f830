import assert from "node:assert/strict";
import { test } from "node:test";
import { createScanResults } from "../../../../agent/drivers/discovery.ts";
import { advertisementOf } from "../../../support/advertisement.ts";

const THORNWAVE = { manufacturerData: new Map([[0x04c9, Uint8Array.from([1])]]) };

test("recognised batteries come first, then the strongest", () => {
  const results = createScanResults();
  results.add(advertisementOf("00:00:00:00:00:01", { rssi: undefined }));
  results.add(advertisementOf("00:00:00:00:00:02", { rssi: -90 }));
  results.add(advertisementOf("00:00:00:00:00:03", { rssi: -40 }));
  results.add(advertisementOf("00:00:00:00:00:04", { ...THORNWAVE, rssi: -95 }));
  const found = results.list();
  assert.deepEqual(
    found.map(({ advertisement: { address } }) => address.at(-1)),
    ["4", "3", "2", "1"],
  );
});

test("in the order of appearance lines stay in place, whatever the signals do", () => {
  const results = createScanResults();
  const addresses = () => results.list("appearance").map(({ advertisement: { address } }) => address.at(-1));
  results.add(advertisementOf("00:00:00:00:00:01", { rssi: -90 }));
  results.add(advertisementOf("00:00:00:00:00:02", { rssi: -40 }));
  results.add(advertisementOf("00:00:00:00:00:03", { ...THORNWAVE, rssi: -95 }));
  assert.deepEqual(addresses(), ["3", "1", "2"]);
  results.add(advertisementOf("00:00:00:00:00:02", { rssi: -95 }));
  results.add(advertisementOf("00:00:00:00:00:01", { rssi: -30 }));
  assert.deepEqual(addresses(), ["3", "1", "2"]);
});

test("advertisements of one device are merged, and it stays recognised", () => {
  const results = createScanResults();
  results.add(advertisementOf("00:00:00:00:00:01", { name: "meter", ...THORNWAVE }));
  results.add(advertisementOf("00:00:00:00:00:01", { rssi: undefined }));
  const [one, ...others] = results.list();
  assert.deepEqual(others, []);
  assert.equal(one?.advertisement.name, "meter");
  assert.equal(one?.advertisement.rssi, -60);
  assert.ok(one?.recognised);
});
