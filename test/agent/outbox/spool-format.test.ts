import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Entry } from "../../../agent/outbox/ledger.ts";
import { decodeRecords, encodeRecord } from "../../../agent/outbox/spool-format.ts";
import { entryOf } from "./entry.ts";

const plain = ({ origin: { run, meter, device, driver }, seq, bytes }: Entry) => ({
  ...{ run, meter, device, driver, seq },
  bytes: Buffer.from(bytes).toString("hex"),
});
const seqs = (file: Buffer) => decodeRecords(file).entries.map(({ seq }) => seq);

const ENTRIES = [entryOf(7), entryOf(8, { meter: "sölar", driver: "thornwave" }), entryOf(1, { run: "f".repeat(16) })];
const RECORDS = ENTRIES.map((entry) => Buffer.from(encodeRecord(entry)));
const FILE = Buffer.concat(RECORDS);
/** Where each record ends. */
const ENDS = RECORDS.map((_, i) => Buffer.concat(RECORDS.slice(0, i + 1)).length);

test("a record gives back who took which reading, and the reading as it travels", () => {
  const { entries, lostBytes, isSpool } = decodeRecords(FILE);
  assert.deepEqual(entries.map(plain), ENTRIES.map(plain));
  assert.deepEqual([lostBytes, isSpool], [0, true]);
});

const FROZEN = `
  ff424d53
  94000000
  b383df7b
  89a17601a174a872656164696e6773a372756eb030303131323233333434353536366666a466726f6d01a56166746572
  00a56d65746572a3626d73a6646576696365b141343a43313a33373a30303a30303a3031a6647269766572a36a6264a8
  72656164696e6773dc000183a373657101a26174cb4278bcfe56801000a673616d706c6581a5766f6c7473cb402a9999
  9999999a
`;

test("the format is frozen: a spool outlives the program that wrote it", () => {
  const record = Buffer.from(encodeRecord(entryOf(1, { sample: { volts: 13.3 } })));
  assert.equal(record.toString("hex"), FROZEN.replaceAll(/\s+/g, ""));
});

test("cut at any byte, a file keeps every record that stands whole before the cut", () => {
  for (let length = 0; length <= FILE.length; length += 1) {
    const whole = ENDS.filter((end) => end <= length).length;
    const { entries, lostBytes, isSpool } = decodeRecords(FILE.subarray(0, length));
    assert.deepEqual(entries.map(plain), ENTRIES.slice(0, whole).map(plain), `cut at ${length}`);
    assert.deepEqual([lostBytes, isSpool], [length - (ENDS[whole - 1] ?? 0), true], `cut at ${length}`);
  }
});

test("written on behind a torn record, a file loses that record only", () => {
  for (let length = 1; length < (ENDS[0] ?? 0); length += 1) {
    assert.deepEqual(seqs(Buffer.concat([FILE.subarray(0, length), FILE])), [7, 8, 1], `torn at ${length}`);
  }
});

test("a flipped bit costs the record that it is in", () => {
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

test("files of other kinds are told from ours, and no bytes are too strange", () => {
  for (const text of ["hello", "meter,time\n", "BMS"]) assert.ok(!decodeRecords(Buffer.from(text)).isSpool, text);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(FILE.length), (noise, at) => {
      const { entries, lostBytes } = decodeRecords(Buffer.concat([FILE.subarray(0, at), noise, FILE.subarray(at)]));
      assert.ok(entries.length >= ENTRIES.length - 1 && lostBytes >= noise.length);
    }),
  );
});

test("a record whose message no aggregator would take is passed over", () => {
  const alien = entryOf(2, { driver: "jbd" });
  const record = encodeRecord({ ...alien, bytes: Buffer.of(0xc0) });
  assert.deepEqual(seqs(Buffer.concat([FILE, record, FILE])), [7, 8, 1, 7, 8, 1]);
});
