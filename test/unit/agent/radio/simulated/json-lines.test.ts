import assert from "node:assert/strict";
import { test } from "node:test";
import { lineReader, parseLine } from "../../../../../agent/radio/simulated/json-lines.ts";
import {
  SIMULATOR_EVENTS,
  SIMULATOR_REQUESTS,
  type SimulatorEvent,
} from "../../../../../agent/radio/simulated/protocol.ts";
import { fc } from "../../../../support/property.ts";

const EVENTS: readonly SimulatorEvent[] = [
  {
    event: "advertised",
    address: "A4:C1:37:00:00:01",
    addressType: "public",
    name: "Haus Süd",
    rssi: -71,
    services: ["ff00"],
    manufacturer: [{ company: 0xc1a4, hex: "37000001" }],
  },
  { event: "connected", address: "A4:C1:37:00:00:01", mtu: 23 },
  {
    event: "discovered",
    address: "A4:C1:37:00:00:01",
    services: [{ uuid: "ff00", characteristics: [{ uuid: "ff01", properties: ["notify"] }] }],
  },
  { event: "notified", address: "A4:C1:37:00:00:01", characteristic: "ff01", hex: "" },
  { event: "failed", op: "read", address: "A4:C1:37:00:00:01", characteristic: "ff01", code: 5 },
];
for (const event of EVENTS) {
  test(`${event.event} survives its line`, () => {
    assert.deepEqual(parseLine(JSON.stringify(event), "event", SIMULATOR_EVENTS), event);
  });
}

test("unknown fields are ignored, an address is accepted in any spelling", () => {
  assert.deepEqual(parseLine('{"op":"connect","address":"a4c137000001","hurry":true}', "op", SIMULATOR_REQUESTS), {
    op: "connect",
    address: "A4:C1:37:00:00:01",
  });
});

test("a line is a message of the table, or an error that names the field", () => {
  const wrong: readonly [line: string, why: RegExp][] = [
    ["", /not JSON/],
    ["null", /the line: no object/],
    ['{"event":"hasOwnProperty"}', /event: none of advertised/],
    ['{"event":"connected","address":"A4:C1:37:00:00:01","mtu":1.5}', /mtu: no whole number/],
    ['{"event":"failed","op":"fly","address":"A4:C1:37:00:00:01","characteristic":"","code":1}', /op: none of connect/],
    ['{"event":"discovered","address":"A4:C1:37:00:00:01","services":[{"uuid":"ff00"}]}', /characteristics: no list/],
    ['{"event":"notified","address":"A4:C1:37:00:00:01","characteristic":"ff01","hex":"abc"}', /hex: not lower-case/],
  ];
  for (const [line, why] of wrong) {
    assert.throws(() => parseLine(line, "event", SIMULATOR_EVENTS), { name: "LineError", message: why });
  }
});

test("any JSON at all is a message or a LineError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (line) => {
      try {
        parseLine(line, "event", SIMULATOR_EVENTS);
      } catch (error) {
        assert.equal((error as Error).name, "LineError");
      }
    }),
  );
});

test("lines are the same however the stream is split", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string().map((text) => text.replaceAll("\n", ""))),
      fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (lines, sizes) => {
        const stream = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const read: string[] = [];
        const take = lineReader(1_000, (line) => read.push(line));
        for (let at = 0; at < stream.length; ) {
          const size = sizes.next().value;
          take(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(read, lines);
      },
    ),
  );
});

test("a line may be as long as the limit, and no longer", () => {
  const read: string[] = [];
  const take = lineReader(8, (line) => read.push(line));
  take(Buffer.from("12345678"));
  take(Buffer.from("\n1234"));
  assert.throws(() => take(Buffer.from("56789")), { name: "LineError" });
  assert.deepEqual(read, ["12345678"]);
});
