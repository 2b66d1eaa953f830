// cspell:ignore ybnqiu ayas
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBody, decodeHead, encodeMessage } from "../../../../../agent/radio/dbus/message.ts";
import { typesOf } from "../../../../../agent/radio/dbus/signature.ts";
import { variant } from "../../../../../agent/radio/dbus/value.ts";
import { decodeMessages, encodeMessage as encodeReference, v } from "../../../../support/dbus/message.ts";

const FIELDS = { path: "/org/bluez", interface: "org.example.I", member: "M", destination: ":1.5" };

/** The values of a message, as the bus reads them. */
function received(bytes: Buffer): readonly unknown[] {
  const head = decodeHead(bytes);
  assert.equal(head?.length, bytes.length);
  return head ? decodeBody(bytes, head) : [];
}

const text = fc.string({ unit: "grapheme" }).map((each) => each.replaceAll("\0", ""));
const bytes = fc.uint8Array({ maxLength: 300 });
/** Signature and body of messages that are sent. */
const SENT: readonly [string, fc.Arbitrary<unknown[]>][] = [
  ["", fc.constant([])],
  ["s", fc.tuple(text)],
  [
    "ybnqiu",
    fc.tuple(fc.nat(255), fc.boolean(), fc.integer({ min: -32768, max: 32767 }), fc.nat(65535), fc.integer(), fc.nat()),
  ],
  ["ayas", fc.tuple(bytes, fc.array(text))],
  [
    "oga{sv}",
    fc.tuple(
      fc.constant("/a/b"),
      fc.constant("a{sv}"),
      fc.dictionary(
        text,
        text.map((value) => variant("s", value)),
      ),
    ),
  ],
  ["(sau)y", fc.tuple(fc.tuple(text, fc.array(fc.nat())), fc.nat(255))],
];
for (const [signature, body] of SENT) {
  test(`a message with the signature "${signature}" arrives at an independent reader, and at ours`, () => {
    const property = fc.property(body, (values) => {
      const sent = encodeMessage(7, { kind: "call", flags: 2, ...FIELDS, signature, body: values });
      const [message] = decodeMessages(sent).messages;
      const plain = received(sent);
      assert.deepEqual(message, {
        ...{ kind: "call", serial: 7, flags: 2, ...FIELDS, ...(signature && { signature }) },
        body: plain.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value)),
      });
      assert.deepEqual(plain, unwrapped(values));
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });
}

function unwrapped(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if ("signature" in value && "value" in value) return value.value;
  if (Array.isArray(value)) return value.map(unwrapped);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

test("what bluetoothd sends is read: objects with their interfaces, variants at any depth, bytes of their own", () => {
  const objects = {
    "/a": { "org.bluez.Device1": { RSSI: v("n", -61), Data: v("a{qv}", { 513: v("ay", Buffer.of(5)) }) } },
  };
  const message = encodeReference({ kind: "return", serial: 1, signature: "a{oa{sa{sv}}}", body: [objects] });
  const [read] = received(message);
  assert.deepEqual(read, { "/a": { "org.bluez.Device1": { RSSI: -61, Data: { 513: Uint8Array.of(5) } } } });
  message.fill(0xff, message.length - 1);
  assert.deepEqual(read, { "/a": { "org.bluez.Device1": { RSSI: -61, Data: { 513: Uint8Array.of(5) } } } });
});

test("a message that is cut or changed anywhere is an error or other values, and nothing worse", () => {
  const message = encodeReference({
    ...{ kind: "signal", serial: 7, ...FIELDS, signature: "sa{sv}as" },
    body: [
      "org.bluez.Device1",
      { Name: v("s", "pack"), Value: v("ay", Buffer.of(1, 2)), UUIDs: v("as", ["a"]) },
      ["x"],
    ],
  });
  const property = fc.property(fc.nat(message.length - 1), fc.nat(255), fc.nat(message.length), (at, byte, length) => {
    const changed = Buffer.from(message.subarray(0, length));
    if (at < length) changed[at] = byte;
    const head = decodeHead(changed);
    if (!head) return;
    try {
      decodeBody(changed, head);
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 20_000 });
});

for (const signature of ["a", "(", "()", "(s", "{}", "z", "s)", `${"a".repeat(70)}s`]) {
  test(`"${signature.slice(0, 5)}" is not a signature`, () => {
    assert.throws(() => typesOf(signature), /not a D-Bus signature/);
  });
}

test("a variant in a variant in a variant … is refused before the stack ends", () => {
  const nest = (depth: number): unknown => (depth === 0 ? v("y", 1) : v("v", nest(depth - 1)));
  const nested = (depth: number) => encodeReference({ kind: "signal", serial: 1, signature: "v", body: [nest(depth)] });
  assert.deepEqual(received(nested(20)), [1]);
  assert.throws(() => received(nested(70)), /nested/);
});
