import assert from "node:assert/strict";
import { test } from "node:test";
import { createRange } from "../../../../agent/drivers/discovery.ts";
import { advertisementOf } from "../../../support/advertisement.ts";

const THORNWAVE = { manufacturerData: new Map([[0x04c9, Uint8Array.from([1])]]) };

test("what may be a battery comes first, then the strongest", () => {
  const range = createRange();
  range.hear(advertisementOf("00:00:00:00:00:01", { rssi: undefined }));
  range.hear(advertisementOf("00:00:00:00:00:02", { rssi: -90 }));
  range.hear(advertisementOf("00:00:00:00:00:03", { rssi: -40 }));
  range.hear(advertisementOf("00:00:00:00:00:04", { ...THORNWAVE, rssi: -95 }));
  const found = range.found();
  assert.deepEqual(
    found.map(({ heard: { address } }) => address.at(-1)),
    ["4", "3", "2", "1"],
  );
});

test("what a device tells in turn is put together, and recognised once is recognised", () => {
  const range = createRange();
  range.hear(advertisementOf("00:00:00:00:00:01", { name: "meter", ...THORNWAVE }));
  range.hear(advertisementOf("00:00:00:00:00:01", { rssi: undefined }));
  const [one, ...others] = range.found();
  assert.deepEqual(others, []);
  assert.equal(one?.heard.name, "meter");
  assert.equal(one?.heard.rssi, -60);
  assert.ok(one?.recognised);
});
