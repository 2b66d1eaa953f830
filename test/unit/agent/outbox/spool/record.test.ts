import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import type { Entry } from "../../../../../agent/outbox/ledger.ts";
import { decodeRecords, encodeRecord } from "../../../../../agent/outbox/spool/record.ts";
import { entryOf } from "../../../../support/entry.ts";
import { fc } from "../../../../support/property.ts";

const plain = ({ origin: { run, meter, device, driver }, seq, takenAt, bytes }: Entry) => ({
  ...{ run, meter, device, driver, seq, takenAt },
  bytes: Buffer.from(bytes).toString("hex"),
});
const seqs = (file: Buffer) => decodeRecords(file).entries.map(({ seq }) => seq);

const ENTRIES = [entryOf(7), entryOf(8, { meter: "sölar", driver: "thornwave" }), entryOf(1, { run: "f".repeat(16) })];
const RECORDS = ENTRIES.map((entry) => Buffer.from(encodeRecord(entry)));
const FILE = Buffer.concat(RECORDS);
/** Where each record ends. */
const ENDS = RECORDS.map((_, i) => Buffer.concat(RECORDS.slice(0, i + 1)).length);

test("a record decodes to its origin, number, time and encoded reading", () => {
  const { entries, lostBytes, isSpool } = decodeRecords(FILE);
  assert.deepEqual(entries.map(plain), ENTRIES.map(plain));
  assert.deepEqual([lostBytes, isSpool], [0, true]);
});

const FROZEN = `
  ff424d53
  71000000
  ea68915d
  46005b312c2230303131323233333434353536366666222c22626d73222c2241343a43313a33373a30303a30303a3031
  222c226a6264222c312c313730303030303030303030315d83a373657101a26174cb4278bcfe56801000a673616d706c
  6581a5766f6c7473cb402a99999999999a
`;

test("the format is frozen, because a spool outlives the program that wrote it", () => {
  const record = Buffer.from(encodeRecord(entryOf(1, { sample: { volts: 13.3 } })));
  assert.equal(record.toString("hex"), FROZEN.replaceAll(/\s+/g, ""));
});

test("a file cut at any byte keeps every whole record before the cut", () => {
  for (let length = 0; length <= FILE.length; length += 1) {
    const whole = ENDS.filter((end) => end <= length).length;
    const { entries, lostBytes, isSpool } = decodeRecords(FILE.subarray(0, length));
    assert.deepEqual(entries.map(plain), ENTRIES.slice(0, whole).map(plain), `cut at ${length}`);
    assert.deepEqual([lostBytes, isSpool], [length - (ENDS[whole - 1] ?? 0), true], `cut at ${length}`);
  }
});

test("a torn record in the middle of a file costs that record only", () => {
  for (let length = 1; length < (ENDS[0] ?? 0); length += 1) {
    assert.deepEqual(seqs(Buffer.concat([FILE.subarray(0, length), FILE])), [7, 8, 1], `torn at ${length}`);
  }
});

test("a flipped bit costs only its record", () => {
  for (let at = 0; at < FILE.length; at += 1) {
    const damaged = Buffer.from(FILE);
    damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (at % 8)), at);
    const hit = ENDS.findIndex((end) => at < end);
    assert.deepEqual(
      decodeRecords(damaged).entries.map(plain),
      ENTRIES.filter((_, i) => i !== hit).map(plain),
      `flipped at ${at}`,
    );
  }
});

test("files of other kinds are recognised, and any bytes are tolerated", () => {
  for (const text of ["hello", "meter,time\n", "BMS"]) assert.ok(!decodeRecords(Buffer.from(text)).isSpool, text);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(FILE.length), (noise, at) => {
      const { entries, lostBytes } = decodeRecords(Buffer.concat([FILE.subarray(0, at), noise, FILE.subarray(at)]));
      assert.ok(entries.length >= ENTRIES.length - 1 && lostBytes >= noise.length);
    }),
  );
});

/** A record with another head, and a checksum that is right. */
function withHead(head: string): Buffer {
  const rest = Buffer.concat([Buffer.of(head.length, 0), Buffer.from(head), Buffer.of(0x80)]);
  const start = Buffer.from(FILE.subarray(0, 12));
  start.writeUInt32LE(rest.length, 4);
  start.writeUInt32LE(crc32(rest), 8);
  return Buffer.concat([start, rest]);
}

const HEADS: readonly [about: string, head: string, isRead: boolean][] = [
  ["of this version", '[1,"r","m","d","jbd",5,0]', true],
  ["of another version of the wire", '[2,"r","m","d","jbd",5,0]', false],
  ["with a field too few", '[1,"r","m","d","jbd",5]', false],
  ["with a number for a text", '[1,"r","m",4,"jbd",5,0]', false],
  ["that is not a list", "{}", false],
  ["that is not JSON", "[1,", false],
];

for (const [about, head, isRead] of HEADS) {
  test(`a head ${about} is ${isRead ? "read" : "skipped"}`, () => {
    assert.deepEqual(seqs(Buffer.concat([FILE, withHead(head), FILE])), [7, 8, 1, ...(isRead ? [5] : []), 7, 8, 1]);
  });
}
