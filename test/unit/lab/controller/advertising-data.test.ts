import assert from "node:assert/strict";
import { test } from "node:test";
import type { Advertisement } from "../../../../agent/radio/radio.ts";
import { encodeAdvertisement, uuidBytes } from "../../../system/lab/controller/advertising-data.ts";

const PLAIN: Advertisement = {
  address: "A4:C1:37:00:00:01",
  addressType: "public",
  name: "pack",
  rssi: -60,
  services: [],
  manufacturerData: new Map(),
};
const THORNWAVE = "7a95cd00-4c67-4e2f-8d3b-56d9c1f3a000";

const cases: [about: string, fields: Partial<Advertisement>, advertisement: string, scanResponse: string][] = [
  ["flags and a name", {}, "020106", "05097061636b"],
  ["a service of two bytes", { services: ["ff00"] }, "020106 030300ff", "05097061636b"],
  [
    "manufacturer data after its company",
    { manufacturerData: new Map([[0x1852, Uint8Array.of(1, 2)]]) },
    "020106 05ff52180102",
    "05097061636b",
  ],
  [
    "a service of sixteen bytes",
    { services: [THORNWAVE] },
    "020106 110700a0f3c1d9563b8d2f4e674c00cd957a",
    "05097061636b",
  ],
  ["no name", { name: "" }, "020106", ""],
  ["a name that is too long is shortened and marked so", { name: "x".repeat(40) }, "020106", `1e08${"78".repeat(29)}`],
];

for (const [about, fields, advertisement, scanResponse] of cases) {
  test(`advertising packets: ${about}`, () => {
    const packets = encodeAdvertisement({ ...PLAIN, ...fields });
    assert.equal(Buffer.from(packets.advertisement).toString("hex"), advertisement.replaceAll(" ", ""));
    assert.equal(Buffer.from(packets.scanResponse).toString("hex"), scanResponse);
  });
}

test("a structure without room in the advertisement goes into the scan response", () => {
  const manufacturerData = new Map([[0x1852, new Uint8Array(10)]]);
  const packets = encodeAdvertisement({ ...PLAIN, name: "", services: [THORNWAVE], manufacturerData });
  assert.equal(packets.advertisement.length, 21);
  assert.equal(packets.scanResponse.length, 14);
});

test("a UUID is encoded least significant byte first", () => {
  assert.deepEqual(uuidBytes("ff01"), [0x01, 0xff]);
});
