import assert from "node:assert/strict";
import { test } from "node:test";
import type { Peripheral } from "@abandonware/noble";
import { latestAdvertisement } from "../../../../../agent/radio/noble/advertisements.ts";
import type { Bindings } from "../../../../../agent/radio/noble/bindings.ts";

const ADDRESS = "A4:C1:37:00:00:01";

test("the name of a device loses control characters, whose effect on a terminal its sender could choose", () => {
  const advertisement = {
    address: ADDRESS,
    addressType: "public",
    name: "so\u001b[2Jl\u009b31mar\r\n\0\0",
    rssi: -60,
    services: [],
    manufacturerData: new Map(),
  } as const;
  const bindings = { advertisement: () => advertisement } as unknown as Bindings;
  assert.equal(latestAdvertisement(bindings, { id: ADDRESS } as Peripheral)?.name, "so[2Jl31mar");
});
