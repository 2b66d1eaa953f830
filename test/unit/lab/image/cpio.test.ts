import assert from "node:assert/strict";
import { test } from "node:test";
import { type CpioEntry, encodeCpio } from "../../../system/lab/image/cpio.ts";

/** Reads an archive back, knowing nothing of how it was written. */
function decodeCpio(archive: Buffer): { name: string; mode: number; data: Buffer }[] {
  const entries = [];
  let at = 0;
  for (;;) {
    assert.equal(archive.toString("latin1", at, at + 6), "070701");
    const field = (index: number) =>
      Number.parseInt(archive.toString("latin1", at + 6 + index * 8, at + 14 + index * 8), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = archive.toString("utf8", at + 110, at + 110 + nameSize - 1);
    const dataAt = Math.ceil((at + 110 + nameSize) / 4) * 4;
    if (name === "TRAILER!!!") return entries;
    entries.push({ name, mode, data: archive.subarray(dataAt, dataAt + size) });
    at = Math.ceil((dataAt + size) / 4) * 4;
  }
}

const ENTRIES: CpioEntry[] = [
  { kind: "folder", path: "etc", mode: 0o755 },
  { kind: "file", path: "etc/a", mode: 0o644, data: Buffer.from("12345") },
  { kind: "file", path: "etc/empty", mode: 0o600, data: Buffer.alloc(0) },
  { kind: "link", path: "etc/link", mode: 0o777, target: "/run" },
];

test("an archive holds names, modes and contents", () => {
  assert.deepEqual(decodeCpio(encodeCpio(ENTRIES)), [
    { name: "etc", mode: 0o040755, data: Buffer.alloc(0) },
    { name: "etc/a", mode: 0o100644, data: Buffer.from("12345") },
    { name: "etc/empty", mode: 0o100600, data: Buffer.alloc(0) },
    { name: "etc/link", mode: 0o120777, data: Buffer.from("/run") },
  ]);
});

test("archives end at a multiple of four bytes, so that they can be joined", () => {
  for (let size = 0; size < 8; size++) {
    const archive = encodeCpio([{ kind: "file", path: "a".repeat(size + 1), mode: 0o644, data: Buffer.alloc(size) }]);
    assert.equal(archive.length % 4, 0);
  }
});
