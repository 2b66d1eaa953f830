import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { openPackLink } from "../../../../control/settings/pack-link.ts";
import { readPackTwice } from "../../../../control/settings/read-pack.ts";
import { type MemoryPack, memoryPack } from "../../../support/memory-pack.ts";

const PARAMETERS = [0x24, 0x25, 0x42];

function readTwice(prepare: (pack: MemoryPack) => void) {
  const pack = memoryPack({ 3: [1], 36: [0x0e, 0x42], 37: [0x0d, 0xac] });
  prepare(pack);
  const write = () => {};
  const reading = readPackTwice(PARAMETERS, {
    link: openPackLink(pack.connect),
    clock: virtualClock(),
    log: { error: write, warn: write, info: write, debug: write },
    marker: { set() {}, clear() {} },
    stop: new AbortController().signal,
    progress: () => {},
  });
  return { pack, reading };
}

test("two equal readings are the state; a register that is refused both times is absent", async () => {
  const { pack, reading } = readTwice(() => {});
  const { registers } = await reading;
  assert.deepEqual([...registers.keys()], [3, 0x24, 0x25]);
  assert.equal(pack.isInFactoryMode, false);
});

const DIFFERENT: readonly [about: string, change: (pack: MemoryPack) => void, message: RegExp][] = [
  [
    "a register with another value",
    (pack) => pack.present.set(0x25, Uint8Array.of(0x80, 0xe7)),
    /^register 0x25 held 0dac at first, and held 80e7 when it was read again: nothing is written; try once more$/,
  ],
  ["a register that disappears", (pack) => pack.present.delete(0x25), /0x25 held 0dac at first, and was not answered/],
  [
    "a register that appears",
    (pack) => pack.present.set(0x42, Uint8Array.of(0x0d, 0x2f)),
    /0x42 was not answered at first, and held 0d2f/,
  ],
];
for (const [about, change, message] of DIFFERENT) {
  test(`${about} between two readings is an error, and factory mode is left`, async () => {
    const { pack, reading } = readTwice((pack) => {
      let entered = 0;
      pack.fault = ({ op }) => {
        if (op === "enter" && ++entered === 2) change(pack);
        return undefined;
      };
    });
    await assert.rejects(reading, { name: "SettingsError", message });
    assert.equal(pack.isInFactoryMode, false);
  });
}
