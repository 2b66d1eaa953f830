import assert from "node:assert/strict";
import { test } from "node:test";
import { firstAddress, ownNames } from "../../../../control/pairing/addresses.ts";

const LOOPBACK = { address: "127.0.0.1", family: "IPv4", internal: true } as const;
const LINK_LOCAL = { address: "fe80::1", family: "IPv6", internal: false } as const;
const IPV6 = { address: "fd00::5", family: "IPv6", internal: false } as const;
const IPV4 = { address: "192.168.1.20", family: "IPv4", internal: false } as const;

for (const [interfaces, address] of [
  [[LOOPBACK, LINK_LOCAL, IPV6, IPV4], IPV4.address],
  [[LOOPBACK, LINK_LOCAL, IPV6], IPV6.address],
  [[LOOPBACK, LINK_LOCAL], undefined],
  [[], undefined],
] as const) {
  test(`of ${interfaces.length} addresses ${address ?? "none"} is reached by others`, () => {
    assert.equal(firstAddress(interfaces), address);
  });
}

test("a host is known by its name, and by that of mDNS", () => {
  assert.deepEqual(ownNames("house"), ["house", "house.local"]);
  assert.deepEqual(ownNames("house.example"), ["house.example", "house.local"]);
  assert.deepEqual(ownNames("house.local"), ["house.local"]);
});
