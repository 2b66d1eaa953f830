// cspell:ignore asay
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessages, encodeMessage, splitTypes, v } from "../../../support/dbus/message.ts";

test("a signature splits into its single complete types", () => {
  assert.deepEqual(splitTypes("oa{sa{sv}}as(yv)ay"), ["o", "a{sa{sv}}", "as", "(yv)", "ay"]);
});

test("messages survive the way to bytes and back, cut anywhere", () => {
  const message = {
    kind: "signal",
    serial: 7,
    flags: 0,
    path: "/org/bluez/hci0",
    interface: "org.freedesktop.DBus.Properties",
    member: "PropertiesChanged",
    sender: ":1.0",
    signature: "sa{sv}asay",
    body: ["org.bluez.Device1", { RSSI: v("n", -60), Powered: v("b", true) }, ["Name"], Buffer.from([1, 2, 3])],
  } as const;
  const bytes = Buffer.concat([encodeMessage(message), encodeMessage({ ...message, serial: 8 })]);
  const plain = ["org.bluez.Device1", { RSSI: -60, Powered: true }, ["Name"], Buffer.from([1, 2, 3])];
  for (let cut = 0; cut <= bytes.length; cut++) {
    const first = decodeMessages(bytes.subarray(0, cut));
    const second = decodeMessages(Buffer.concat([first.rest, bytes.subarray(cut)]));
    assert.deepEqual(
      [...first.messages, ...second.messages],
      [7, 8].map((serial) => ({ ...message, serial, body: plain })),
    );
  }
});
