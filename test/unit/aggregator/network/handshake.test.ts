import assert from "node:assert/strict";
import { test } from "node:test";
import { commandName, createHandshakeReader } from "../../../../aggregator/network/handshake.ts";
import { fc } from "../../../support/property.ts";

/** The greeting of ZMTP 3.1 with a mechanism (rfc.zeromq.org/spec/23). */
function greeting(mechanism: string): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1]);
  bytes.write(mechanism, 12, "latin1");
  return bytes;
}

function command(name: string, bodyBytes: number): Buffer {
  const body = Buffer.alloc(bodyBytes, 0xaa);
  body.set([name.length, ...Buffer.from(name)]);
  const head =
    bodyBytes < 256 ? Buffer.of(0x04, bodyBytes) : Buffer.of(0x06, 0, 0, 0, 0, 0, 0, bodyBytes >> 8, bodyBytes & 255);
  return Buffer.concat([head, body]);
}

test("a greeting is passed on at once and frames when they are whole, wherever the bytes are cut", () => {
  const [hello, initiate] = [command("HELLO", 200), command("INITIATE", 330)];
  const stream = Buffer.concat([greeting("CURVE"), hello, initiate]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: stream.length }), { maxLength: 30 }), (cuts) => {
      const reader = createHandshakeReader();
      const ends = [...cuts.sort((a, b) => a - b), stream.length];
      const passed: Uint8Array[] = [];
      const frames: Uint8Array[] = [];
      for (const [i, end] of ends.entries()) {
        const part = reader.read(stream.subarray(ends[i - 1] ?? 0, end));
        assert.ok(typeof part === "object");
        passed.push(part.greeting);
        frames.push(...part.frames);
      }
      assert.deepEqual(Buffer.concat(passed), greeting("CURVE"));
      assert.deepEqual(frames.map(commandName), ["HELLO", "INITIATE"]);
      assert.deepEqual(Buffer.concat(frames), Buffer.concat([hello, initiate]));
    }),
  );
});

const REFUSED: readonly [about: string, bytes: Buffer, expected: RegExp][] = [
  ["a browser", Buffer.from("GET / HTTP/1.1\r\n\r\n"), /does not speak ZeroMQ 4/],
  ["ZeroMQ 2", Buffer.from("ff00000000000000017f01", "hex"), /does not speak ZeroMQ 4/],
  ["no encryption", greeting("NULL"), /does not encrypt/],
  ["a password", greeting("PLAIN"), /does not encrypt/],
  ["a message", Buffer.concat([greeting("CURVE"), Buffer.of(0x00, 1, 0)]), /a message before the end/],
  [
    "a frame that never ends",
    Buffer.concat([greeting("CURVE"), Buffer.of(0x06, 0, 0, 1, 0, 0, 0, 0, 0)]),
    /more than 1024 bytes/,
  ],
];

for (const [about, bytes, expected] of REFUSED) {
  test(`${about} is refused`, () => {
    const part = createHandshakeReader().read(bytes);
    assert.match(typeof part === "string" ? part : "", expected);
  });
}
