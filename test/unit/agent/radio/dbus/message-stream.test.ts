import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBody, type MessageHead } from "../../../../../agent/radio/dbus/message.ts";
import { splitMessages } from "../../../../../agent/radio/dbus/message-stream.ts";
import { type BusMessage, encodeMessage, v } from "../../../../support/dbus/message.ts";

const BLUEZ = ":1.5";
const STRANGER = ":1.666";
const fromBluez = ({ sender }: MessageHead) => sender === BLUEZ;

function signal(sender: string | undefined, more: Partial<BusMessage> = {}): Buffer {
  const fields = { path: "/org/bluez", interface: "org.example.I", member: "M", ...(sender && { sender }) };
  return encodeMessage({ kind: "signal", serial: 7, ...fields, ...more });
}

const ANY_MESSAGE = fc
  .record({ sender: fc.constantFrom(BLUEZ, STRANGER, undefined), value: fc.string(), bytes: fc.uint8Array() })
  .map(({ sender, value, bytes }) => ({
    sender,
    message: signal(sender, { signature: "sa{sv}", body: [value, { Value: v("ay", bytes) }] }),
  }));

/** The messages that pass, among the chunks of a stream. */
function passing(chunks: readonly Buffer[], accepts: (head: MessageHead) => boolean = fromBluez): Buffer[] {
  const passed: Buffer[] = [];
  const take = splitMessages({ accepts, received: (_, message) => passed.push(Buffer.from(message)) });
  for (const chunk of chunks) take(chunk);
  return passed;
}

test("messages of the sender pass unchanged and in order, others do not, however the stream is split", () => {
  const property = fc.property(fc.array(ANY_MESSAGE), fc.array(fc.nat(400)), (messages, cuts) => {
    const stream = Buffer.concat(messages.map(({ message }) => message));
    let from = 0;
    const chunks = [...cuts, stream.length].map((cut) => {
      from += cut;
      return stream.subarray(from - cut, from);
    });
    const expected = messages.filter(({ sender }) => sender === BLUEZ).map(({ message }) => message);
    assert.deepEqual(passing([...chunks, stream.subarray(from)]), expected);
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});

test("bytes that are no message break nothing", () => {
  const property = fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
    passing(chunks.map((chunk) => Buffer.from(chunk)));
  });
  fc.assert(property, { seed: 1, numRuns: 1_000 });
});

for (const [about, huge] of [
  ["body", signal(STRANGER, { signature: "s", body: ["x".repeat(2 ** 20)] })],
  ["path", signal(STRANGER, { path: `/${"x".repeat(2 ** 20)}` })],
] as const) {
  test(`a message with a huge ${about} is judged by its start, and the next one passes`, () => {
    let judged = 0;
    const next = signal(BLUEZ);
    const take = splitMessages({
      accepts(head) {
        judged += 1;
        return fromBluez(head);
      },
      received: (_, message) => assert.deepEqual(message, next),
    });
    take(huge.subarray(0, 4_200));
    assert.equal(judged, 1);
    take(huge.subarray(4_200));
    take(next);
    assert.equal(judged, 2);
  });
}

test("the whole of a short message is known when it is judged, in both byte orders", () => {
  const judged: unknown[] = [];
  const take = splitMessages({
    accepts(head, bytes) {
      judged.push([head.kind, head.sender, head.member, ...decodeBody(bytes, head)]);
      return false;
    },
    received: () => {},
  });
  const stream = Buffer.concat([signal(BLUEZ, { signature: "sss", body: ["org.bluez", ":1.5", ""] }), bigEndian()]);
  for (const byte of stream) take(Buffer.of(byte));
  assert.deepEqual(judged, [
    ["signal", BLUEZ, "M", "org.bluez", ":1.5", ""],
    ["signal", BLUEZ, "M", "abc"],
  ]);
});

/** A signal with the header fields member, sender and signature, and the body "abc". */
function bigEndian(): Buffer {
  const field = (code: number, type: string, text: string) => {
    const length = type === "g" ? [text.length] : [0, 0, 0, text.length];
    return [code, 1, type.charCodeAt(0), 0, ...length, ...Buffer.from(text), 0];
  };
  const padded = (bytes: readonly number[]) => [...bytes, ...Array((8 - (bytes.length % 8)) % 8).fill(0)];
  const last = field(8, "g", "s");
  const fields = [...padded(field(3, "s", "M")), ...padded(field(7, "s", BLUEZ)), ...last];
  const body = [0, 0, 0, 3, ...Buffer.from("abc"), 0];
  const start = [0x42, 4, 0, 1, 0, 0, 0, body.length, 0, 0, 0, 1, 0, 0, 0, fields.length];
  return Buffer.from([...start, ...padded(fields), ...body]);
}
