import assert from "node:assert/strict";
import { test } from "node:test";
import { operationError } from "../../../../../agent/radio/bluez/errors.ts";
import { BusError } from "../../../../../agent/radio/dbus/bus-error.ts";
import { RadioError } from "../../../../../agent/radio/radio.ts";

const calm = { what: "A4:C1:37:00:00:01: read of ff01", adapterFault: undefined, hasOopsed: false };

for (const [name, text, fault, message] of [
  ["bus.timeout", "no answer to ReadValue within 10 s", "timeout", /systemctl restart bluetooth/],
  ["bus.ended", "the message bus closed the connection", "daemon-gone", /waiting for it/],
  ["org.freedesktop.DBus.Error.ServiceUnknown", "", "daemon-gone", /waiting for it/],
  ["org.freedesktop.DBus.Error.AccessDenied", "Rejected send message", "not-permitted", /group bluetooth/],
  ["org.freedesktop.DBus.Error.UnknownObject", "", "not-found", /looked for again/],
  ["org.bluez.Error.DoesNotExist", "Does Not Exist", "not-found", /looked for again/],
  ["org.bluez.Error.NotReady", "Resource Not Ready", "adapter-off", /power on/],
  ["org.bluez.Error.NotConnected", "Not Connected", "disconnected", /link lost/],
  ["org.bluez.Error.Failed", "Not connected", "disconnected", /link lost/],
  ["org.bluez.Error.InProgress", "In Progress", "busy", /another program/],
  ["org.bluez.Error.NotPermitted", "Notify acquired", "busy", /another program/],
  ["org.bluez.Error.NotPermitted", "Not paired", "pairing-needed", /--pin/],
  ["org.bluez.Error.AuthenticationFailed", "Authentication Failed", "pairing-needed", /is that its passkey/],
  ["org.bluez.Error.NotPermitted", "Read not permitted", "unsupported", /refuses/],
  ["org.bluez.Error.Failed", "Operation failed with ATT error: 0x80", "unsupported", /refuses.*|0x80/],
] as const) {
  test(`${name} ${text}: ${fault}`, () => {
    const cause = new BusError(name, text);
    const found = operationError(cause, calm, "unsupported");
    assert.equal(found.fault, fault);
    assert.match(found.message, message);
    assert.match(found.message, /^A4:C1:37:00:00:01: read of ff01 failed/);
    assert.equal(found.cause, cause);
  });
}

test("a fault of the adapter explains any failure", () => {
  const off = new RadioError("adapter-off", "the adapter is off");
  assert.equal(operationError(new BusError("org.bluez.Error.Failed", ""), { ...calm, adapterFault: off }, "busy"), off);
});

test("a timeout after an oops means that the kernel's Bluetooth is dead", () => {
  const found = operationError(new BusError("bus.timeout", ""), { ...calm, hasOopsed: true }, "timeout");
  assert.equal(found.fault, "kernel-dead");
});

test("a RadioError is kept, and an unknown error is rethrown", () => {
  const own = new RadioError("not-found", "gone");
  assert.equal(operationError(own, calm, "busy"), own);
  assert.throws(() => operationError(new TypeError("oops"), calm, "busy"), TypeError);
});
