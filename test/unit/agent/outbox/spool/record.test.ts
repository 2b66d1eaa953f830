import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import type { Entry } from "../../../../../agent/outbox/entry.ts";
import { decodeRecords, encodeRecord } from "../../../../../agent/outbox/spool/record.ts";
import { MAX_MESSAGE_BYTES } from "../../../../../common/wire/fields.ts";
import { entryOf } from "../../../../support/entry.ts";
import { fc } from "../../../../support/property.ts";

const plain = ({ origin, seq, takenAt, bytes }: Entry) => ({
  ...{ origin, seq, takenAt },
  bytes: Buffer.from(bytes).toString("hex"),
});
const seqs = (file: Buffer) => decodeRecords(file).entries.map(({ seq }) => seq);

const ENTRIES = [entryOf(7), entryOf(8, { meter: "sölar", driver: "thornwave" }), entryOf(1, { run: "f".repeat(16) })];
const RECORDS = ENTRIES.map((entry) => Buffer.from(encodeRecord(entry)));
const FILE = Buffer.concat(RECORDS);
/** The end of each record. */
const ENDS = RECORDS.map((_, i) => Buffer.concat(RECORDS.slice(0, i + 1)).length);

test("a record decodes to its origin, number, time and encoded reading", () => {
  const { entries, tornBytes, unreadable, isSpool } = decodeRecords(FILE);
  assert.deepEqual(entries.map(plain), ENTRIES.map(plain));
  assert.deepEqual([tornBytes, unreadable, isSpool], [0, undefined, true]);
});

test("a record keeps the site of its reading, also after one without", () => {
  const entries = [entryOf(7), entryOf(8, { site: "shed" }), entryOf(9, { site: "shed" }), entryOf(10)];
  const file = Buffer.concat(entries.map((entry) => encodeRecord(entry)));
  assert.deepEqual(decodeRecords(file).entries.map(plain), entries.map(plain));
});

const FROZEN = {
  1: `
    ff424d53
    71000000
    ea68915d
    46005b312c2230303131323233333434353536366666222c22626d73222c2241343a43313a33373a30303a30303a3031
    222c226a6264222c312c313730303030303030303030315d83a373657101a26174cb4278bcfe56801000a673616d706c
    6581a5766f6c7473cb402a99999999999a
  `,
  2: `
    ff424d53
    85000000
    39932740
    5a005b322c2230303131323233333434353536366666222c22626d73222c2241343a43313a33373a30303a30303a3031
    222c226a6264222c312c313730303030303030303030312c223031323361626364222c313233342e352c305d83a37365
    7101a26174cb4278bcfe56801000a673616d706c6581a5766f6c7473cb402a99999999999a
  `,
  3: `
    ff424d53
    77000000
    c9ed18b8
    5a005b332c2230303131323233333434353536366666222c22626d73222c2241343a43313a33373a30303a30303a3031
    222c226a6264222c312c313730303030303030303030312c223031323361626364222c313233342e352c305d92a5766f
    6c74739301cb4278bcfe56801000cb402a99999999999a
  `,
};

test("the format is frozen, because a spool outlives the program that wrote it", () => {
  const entry = { ...entryOf(1, { sample: { volts: 13.3 } }), sinceBoot: { boot: "0123abcd", uptimeMs: 1234.5 } };
  const record = Buffer.from(encodeRecord(entry));
  assert.equal(record.toString("hex"), FROZEN[3].replaceAll(/\s+/g, ""));
  for (const [version, bytes] of Object.entries(FROZEN)) {
    const { entries } = decodeRecords(Buffer.from(bytes.replaceAll(/\s+/g, ""), "hex"));
    assert.deepEqual(entries.map(plain), [plain(entry)], version);
    assert.deepEqual(entries[0]?.sinceBoot, version === "1" ? undefined : entry.sinceBoot);
  }
});

test("a record that is longer than any message is damaged, even with a correct checksum", () => {
  const longest = { ...entryOf(1), bytes: new Uint8Array(MAX_MESSAGE_BYTES - 1_000) };
  assert.deepEqual(seqs(Buffer.from(encodeRecord(longest))), [1]);
  const record = Buffer.from(encodeRecord({ ...entryOf(1), bytes: new Uint8Array(MAX_MESSAGE_BYTES) }));
  const { entries, unreadable } = decodeRecords(Buffer.concat([record, ...RECORDS]));
  assert.deepEqual([entries.length, unreadable], [RECORDS.length, "damaged"]);
});

test("a provisional time stays one", () => {
  const entry = { ...entryOf(1), isProvisional: true, sinceBoot: { boot: "0123abcd", uptimeMs: 1234.5 } };
  assert.equal(decodeRecords(Buffer.from(encodeRecord(entry))).entries[0]?.isProvisional, true);
});

test("a file cut at any byte keeps every whole record before the cut", () => {
  for (let length = 0; length <= FILE.length; length += 1) {
    const whole = ENDS.filter((end) => end <= length).length;
    const { entries, tornBytes, unreadable, isSpool } = decodeRecords(FILE.subarray(0, length));
    assert.deepEqual(entries.map(plain), ENTRIES.slice(0, whole).map(plain), `cut at ${length}`);
    assert.deepEqual(
      [tornBytes, unreadable, isSpool],
      [length - (ENDS[whole - 1] ?? 0), undefined, true],
      `cut at ${length}`,
    );
  }
});

test("a torn record in the middle of a file costs that record only, and is damage", () => {
  for (let length = 1; length < (ENDS[0] ?? 0); length += 1) {
    const file = Buffer.concat([FILE.subarray(0, length), FILE]);
    assert.deepEqual(seqs(file), [7, 8, 1], `torn at ${length}`);
    assert.equal(decodeRecords(file).unreadable, "damaged", `torn at ${length}`);
  }
});

test("zeros at the end, as a file system leaves them after a power cut, are a torn record", () => {
  const { entries, tornBytes, unreadable } = decodeRecords(Buffer.concat([FILE, Buffer.alloc(100)]));
  assert.deepEqual([entries.length, tornBytes, unreadable], [3, 100, undefined]);
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
      const { entries } = decodeRecords(Buffer.concat([FILE.subarray(0, at), noise, FILE.subarray(at)]));
      assert.ok(entries.length >= ENTRIES.length - 1);
    }),
  );
});

/** A reading as versions 1 and 2 have it: a map. */
const OLDER_READING = Buffer.from("83a373657105a26174cb4278bcfe56801000a673616d706c6581a5766f6c74730d", "hex");

/** A record with another head, and a checksum that is right. */
function withHead(head: string, reading = OLDER_READING): Buffer {
  return withRest(Buffer.concat([Buffer.of(head.length, 0), Buffer.from(head), reading]));
}

function withRest(rest: Buffer): Buffer {
  const start = Buffer.from(FILE.subarray(0, 12));
  start.writeUInt32LE(rest.length, 4);
  start.writeUInt32LE(crc32(rest), 8);
  return Buffer.concat([start, rest]);
}

const HEADS: readonly [about: string, head: string, unreadable: string | undefined][] = [
  ["of version 1", '[1,"r","m","d","jbd",5,0]', undefined],
  ["of version 2", '[2,"r","m","d","jbd",5,0,"b",1.5,0]', undefined],
  ["of version 3", '[3,"r","m","d","jbd",5,0,"b",1.5,0]', undefined],
  ["of a later version", '[4,"anything"]', "version-4"],
  ["of version 2 that ends too early", '[2,"r","m","d","jbd",5,0]', "damaged"],
  ["of version 2 with a flag that is none", '[2,"r","m","d","jbd",5,0,"b",1.5,2]', "damaged"],
  ["with a field too few", '[1,"r","m","d","jbd",5]', "damaged"],
  ["with a number for a text", '[1,"r","m",4,"jbd",5,0]', "damaged"],
  ["that is not a list", "{}", "damaged"],
  ["that is not JSON", "[1,", "damaged"],
];

for (const [about, head, unreadable] of HEADS) {
  test(`a head ${about} is ${unreadable ?? "read"}`, () => {
    const file = Buffer.concat([FILE, withHead(head), FILE]);
    assert.deepEqual(seqs(file), [7, 8, 1, ...(unreadable ? [] : [5]), 7, 8, 1]);
    assert.equal(decodeRecords(file).unreadable, unreadable);
  });
}

test("a reading of an earlier version that cannot be sent is damaged", () => {
  for (const reading of [Buffer.of(), Buffer.of(0x80), OLDER_READING.subarray(0, -1)]) {
    const { entries, unreadable } = decodeRecords(withHead('[1,"r","m","d","jbd",5,0]', reading));
    assert.deepEqual([entries, unreadable], [[], "damaged"]);
  }
});

test("a record beyond the largest message is damage, whatever its checksum", () => {
  for (const [length, count] of [[65_000, 1] as const, [66_000, 0] as const]) {
    const { entries, unreadable } = decodeRecords(
      Buffer.from(encodeRecord({ ...entryOf(1), bytes: Buffer.alloc(length) })),
    );
    assert.deepEqual([entries.length, unreadable], [count, count === 1 ? undefined : "damaged"]);
  }
});
