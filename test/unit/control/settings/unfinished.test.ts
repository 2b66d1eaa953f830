import assert from "node:assert/strict";
import { test } from "node:test";
import type { Journal, UnfinishedChange } from "../../../../control/settings/store.ts";
import { unfinishedText } from "../../../../control/settings/unfinished.ts";

const OLD = Uint8Array.of(0x0e, 0x42);
const NEW = Uint8Array.of(0x0e, 0x10);
const CHANGES = [0x24, 0x25].map((register) => ({ register, before: OLD, after: NEW }));

function journalOf(isCommitted: boolean) {
  let open: UnfinishedChange | undefined = { at: 0, file: "/s/house/old.toml", changes: CHANGES, isCommitted };
  const journal: Journal = {
    begin: () => assert.fail(),
    end() {
      open = undefined;
    },
    read: () => open,
  };
  return { journal, isOpen: () => open !== undefined };
}

const held = (...data: readonly Uint8Array[]) => new Map(data.map((bytes, i) => [0x24 + i, bytes]));

for (const [about, registers, isCommitted, isOver] of [
  ["all old", held(OLD, OLD), false, true],
  ["all old, and the new data may be stored", held(OLD, OLD), true, false],
  ["all new, and perhaps stored", held(NEW, NEW), true, false],
  ["all new, and not stored", held(NEW, NEW), false, false],
  ["between", held(NEW, OLD), true, false],
  ["one register is not answered", held(OLD), false, false],
] as const) {
  test(`an interrupted change, ${about}`, () => {
    const { journal, isOpen } = journalOf(isCommitted);
    const text = unfinishedText("house", journal, registers);
    assert.equal(isOpen(), !isOver);
    if (isOver) assert.equal(text, undefined);
    else assert.equal(/it is not known which of them are stored/.test(text ?? ""), isCommitted);
    if (!isOver)
      assert.match(text ?? "", /sudo bmsctl settings apply \/s\/house\/old\.toml house --write restores it$/);
  });
}
