import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCells } from "../../../../../agent/drivers/jk/cell-record.ts";
import { encodeRecord, jkFraming } from "../../../../../agent/drivers/jk/frame.ts";
import { decodeInformation, encodeInformation } from "../../../../../agent/drivers/jk/information.ts";
import { redactor } from "../../../../../agent/drivers/jk/redact.ts";

const PASSWORDS = ["73619482", "5150987"] as const;
const TEXTS = { model: "JK_PB2A16S15P", hardware: "14.XA", software: "14.20", produced: "231118" };
const INFORMATION = encodeRecord("information", 7, encodeInformation({ ...TEXTS, passwords: PASSWORDS }));
const CELLS = encodeRecord(
  "cells",
  8,
  encodeCells("04", { delta: 0, mask: 0, balancing: 0, balanceamps: 0, uptime: 1 }, [3.3]),
);
const STRAY = Uint8Array.from(Buffer.from("41540d0a", "hex"));

const cut = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(size * i, size * (i + 1)));
const without = (pieces: readonly Uint8Array[], ...lost: readonly number[]) =>
  pieces.filter((_, i) => !lost.includes(i));

function redacted(pieces: readonly Uint8Array[]): Uint8Array[] {
  const redact = redactor();
  return pieces.map((piece) => redact("received", piece));
}

const TWENTIES = cut(INFORMATION, 20);
const STREAMS: readonly (readonly [about: string, pieces: readonly Uint8Array[]])[] = [
  ["one notification", [INFORMATION]],
  ["pieces of 20 bytes", TWENTIES],
  ["pieces of 19 bytes", cut(INFORMATION, 19)],
  ["pieces of 128 bytes", cut(INFORMATION, 128)],
  ["single bytes", cut(INFORMATION, 1)],
  ["a header in two notifications", [INFORMATION.slice(0, 2), INFORMATION.slice(2)]],
  ["a type in the second notification", [INFORMATION.slice(0, 4), INFORMATION.slice(4)]],
  ["a record behind another one", [Uint8Array.of(...CELLS, ...INFORMATION)]],
  ["a record behind stray bytes", [Uint8Array.of(...STRAY, ...INFORMATION)]],
  ["notifications that come twice", TWENTIES.flatMap((piece) => [piece, piece])],
  ["stray notifications between", TWENTIES.flatMap((piece) => [STRAY, piece])],
  ["a lost piece", without(TWENTIES, 1)],
  ["two lost pieces", without(TWENTIES, 1, 2)],
  ["many lost pieces", without(TWENTIES, 1, 2, 4, 5)],
];
for (const [about, pieces] of STREAMS) {
  test(`redaction leaves no password in ${about}`, () => {
    const parts = redacted(pieces);
    assert.deepEqual(
      parts.map(({ length }) => length),
      pieces.map(({ length }) => length),
    );
    const text = Buffer.concat(parts).toString("latin1");
    for (const password of PASSWORDS) {
      for (const part of [password.slice(0, 3), password.slice(-3)]) assert.ok(!text.includes(part), part);
    }
  });
}

for (const size of [20, 128, 300]) {
  test(`a redacted record in pieces of ${size} bytes is sound and tells the layout`, () => {
    const record = Uint8Array.from(Buffer.concat(redacted(cut(INFORMATION, size))));
    assert.equal(jkFraming.fault(record), undefined);
    const { layout, description } = decodeInformation(record);
    assert.deepEqual(
      { layout, ...description },
      { layout: "32s", model: "JK_PB2A16S15P", hardware: "14.XA", software: "14.20" },
    );
  });
}

test("other records, and requests, stay as they are", () => {
  assert.deepEqual(redacted(cut(CELLS, 20)), cut(CELLS, 20));
  assert.deepEqual(redacted([INFORMATION, ...cut(CELLS, 20)]).slice(1), cut(CELLS, 20));
  assert.deepEqual(redactor()("sent", INFORMATION), INFORMATION);
});
