import assert from "node:assert/strict";
import { test } from "node:test";
import { DRIVERS } from "../../../agent/drivers/registry.ts";
import { connectDevice } from "../../../agent/polling/connect.ts";
import { parseAddress } from "../../../common/model/address.ts";
import { virtualClock } from "../../../common/runtime/clock.ts";
import { DEVICE_KINDS, type DeviceKind, familyOf } from "../../../simulator/registry.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { inProcessLink } from "../../support/in-process-link.ts";

/** A simulated device with an address of no maker, connected to with all drivers and without any advertisement. */
function nameless(kind: DeviceKind) {
  const clock = virtualClock();
  const address = parseAddress("C0:FF:EE:00:00:01");
  assert.ok(address);
  const simulator = createSimulator({ clock, seed: "nameless", devices: [{ address, kind }], onAnswer() {} });
  const device = simulator.at(address);
  assert.ok(device);
  const radio = {
    async *scan() {},
    async *listen() {},
    connect: async () => ({ ...inProcessLink(device, clock), advertisement: undefined }),
    async close() {},
  };
  const target = { address, drivers: DRIVERS, settings: {} };
  return {
    isListenedTo: device.battery.broadcast !== undefined,
    connect: () => connectDevice(target, { radio, clock }, new AbortController().signal),
  };
}

/** Message about a device that its answers do not identify: the operator chooses. */
const UNDECIDED: Readonly<Partial<Record<DeviceKind, RegExp>>> = {
  // Silent devices would be sent the start requests of the maker's app, whose meaning is not known.
  "ecoworthy-v1": /of none of these drivers: .*choose it with --driver/,
  "ecoworthy-v2": /of none of these drivers: .*choose it with --driver/,
  dchouse: /of none of these drivers: .*choose it with --driver/,
  lipower: /of none of these drivers: .*choose it with --driver/,
  // Each pair gives the same answers, and one would be read with the other's units.
  renogy: /of none of these drivers: .*choose it with --driver/,
  "renogy-pro": /of none of these drivers: .*choose it with --driver/,
  gobel: /no driver fits: choose with --driver .*gobel/,
  buknuwo: /no driver fits: choose with --driver .*buknuwo/,
};

for (const kind of DEVICE_KINDS) {
  const { connect, isListenedTo } = nameless(kind);
  if (isListenedTo) continue;
  const undecided = UNDECIDED[kind];
  if (undecided) {
    test(`${kind} without an advertisement is not taken for another device`, async () => {
      await assert.rejects(connect(), { name: "RadioError", message: undecided });
    });
    continue;
  }
  test(`${kind} without an advertisement is identified by its answers`, async () => {
    const connection = await connect();
    const names = DRIVERS.filter(({ name, family }) => name === kind || (family ?? name) === familyOf(kind).name);
    assert.ok(names.includes(connection.driver), connection.driver.name);
    assert.ok(names.every(({ name }) => name !== kind) || connection.driver.name === kind, connection.driver.name);
    await connection.close();
  });
}
