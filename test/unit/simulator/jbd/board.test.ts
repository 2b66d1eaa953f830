import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePack } from "../../../../agent/drivers/jbd/basic-information.ts";
import { decodeReply, encodeReadRequest, encodeWriteRequest } from "../../../../agent/drivers/jbd/frame.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { BoardChoice } from "../../../../simulator/jbd/board-options.ts";
import { parseBoardChoice } from "../../../../simulator/jbd/board-options.ts";
import { factorySettings } from "../../../../simulator/jbd/factory-settings.ts";
import { FAMILIES } from "../../../../simulator/jbd/families.ts";
import { JBD_PRESETS } from "../../../../simulator/jbd/presets.ts";
import { countOf, wordOf } from "../../../../simulator/jbd/word.ts";
import type { DeviceKind } from "../../../../simulator/registry.ts";
import { connectCentral } from "../../../support/simulated-central.ts";

const ENTER = wordOf(0x5678);
const SAVE = wordOf(0x2828);
const DISCARD = wordOf(0);

interface Options {
  readonly kind?: DeviceKind;
  readonly board?: BoardChoice;
  readonly faults?: readonly string[];
}

/** A pack whose answers are `status data`, or empty where it does not answer. */
function connectPack(options: Options = {}) {
  const central = connectCentral(virtualClock(), { kind: "jbd4", ...options });
  const { simulator } = central;
  const exchange = async (bytes: Uint8Array) => {
    const bytesOf = Buffer.from((await central.request(Buffer.from(bytes).toString("hex"))).join(""), "hex");
    if (bytesOf.length === 0) return "";
    const { status, payload } = decodeReply(bytesOf);
    return `${status.toString(16).padStart(2, "0")} ${Buffer.from(payload).toString("hex")}`.trim();
  };
  return {
    ...central,
    read: (register: number) => exchange(encodeReadRequest(register)),
    write: (register: number, data: Uint8Array) => exchange(encodeWriteRequest(register, data)),
    enter: () => exchange(encodeWriteRequest(0x00, ENTER)),
    leave: (key: Uint8Array) => exchange(encodeWriteRequest(0x01, key)),
    memory() {
      const [memory] = simulator.memory("all").values();
      assert.ok(memory, "a pack has parameters");
      return memory;
    },
    async information() {
      const pieces = await central.request("dda50300fffd77");
      return decodePack(Buffer.from(pieces.join(""), "hex").subarray(4, -3));
    },
  };
}

test("parameters are read and written in factory mode only", async () => {
  const { read, write, enter, leave } = connectPack();
  assert.equal(await read(0x24), "81");
  assert.equal(await write(0x24, wordOf(3600)), "81");
  assert.equal(await enter(), "00");
  assert.equal(await enter(), "00", "entering twice is acknowledged");
  assert.equal(await read(0x24), "00 0e42");
  assert.equal(await write(0x24, wordOf(3600)), "00");
  assert.equal(await read(0x24), "00 0e10");
  assert.equal(await read(0xa1), `00 19${Buffer.from("JBD-SP04S034-L4S-200A-B-U").toString("hex")}`);
  assert.equal(await leave(DISCARD), "00");
  assert.equal(await read(0x24), "81");
});

test("frames that no board accepts are refused", async () => {
  const { read, write, enter, leave } = connectPack();
  assert.equal(await write(0x00, wordOf(0x1234)), "80", "another key than that of factory mode");
  await enter();
  assert.equal(await leave(wordOf(0x1111)), "80", "another key to leave with");
  assert.equal(await write(0x24, Uint8Array.of(1)), "80", "half a register");
  assert.equal(await write(0xa0, Uint8Array.of(3, 65, 66)), "80", "a text without its length");
  assert.equal(await write(0x0a, wordOf(0x1881)), "80", "a command that the board does not know");
  assert.equal(await write(0xe1, wordOf(4)), "80", "MOSFETs that do not exist");
  assert.equal(await read(0x00), "", "a chip by TI does not answer");
  assert.equal(await connectPack({ board: { chip: 3 } }).read(0x00), "00 0003");
});

const UNSAVED: readonly [choice: BoardChoice, afterLeaving: string, afterPowerCut: string][] = [
  [{ unsaved: "stored" }, "0e10", "0e10"],
  [{ unsaved: "volatile" }, "0e10", "0e42"],
  [{ unsaved: "discarded" }, "0e42", "0e42"],
];
for (const [board, afterLeaving, afterPowerCut] of UNSAVED) {
  test(`unsaved=${board.unsaved}: ${afterLeaving} after leaving, ${afterPowerCut} after a loss of power`, async () => {
    const { write, enter, leave, memory, simulator } = connectPack({ board });
    await enter();
    await write(0x24, wordOf(3600));
    await leave(DISCARD);
    assert.equal(memory().working["24"], afterLeaving);
    simulator.cutPower("all");
    assert.equal(memory().working["24"], afterPowerCut);
  });

  test(`unsaved=${board.unsaved}: what was saved outlives a loss of power, and the counters are cleared`, async () => {
    const { read, write, enter, leave, memory, simulator } = connectPack({ board });
    await enter();
    await write(0x24, wordOf(3600));
    assert.match(await read(0xaa), /1/);
    await leave(SAVE);
    assert.match(await read(0xaa), /^00 0+$/);
    simulator.cutPower("all");
    assert.equal(memory().working["24"], "0e10");
  });
}

test("a loss of power ends factory mode and the link; a lost link ends it where the board is so", async () => {
  const cut = connectPack();
  await cut.enter();
  assert.equal(cut.memory().isInFactoryMode, true);
  cut.simulator.cutPower("all");
  assert.equal(cut.memory().isInFactoryMode, false);
  assert.equal(cut.device.isConnected(), false);
  for (const link of ["kept", "ended"] as const) {
    const lost = connectPack({ board: { link } });
    await lost.enter();
    lost.link.close();
    assert.equal(lost.memory().isInFactoryMode, link === "kept");
  }
});

test("every pack leaves the factory with sensible parameters in all registers, and no protection acts", async () => {
  for (const cells of JBD_PRESETS.keys()) {
    const { information, memory } = connectPack({ kind: `jbd${cells}` as DeviceKind });
    const { head, temperatures } = await information();
    assert.equal(head.protect, 0, `${cells} cells`);
    const preset = JBD_PRESETS.get(cells);
    assert.ok(preset);
    const counts = new Map([...factorySettings(preset)].map(([register, data]) => [register, countOf(data) ?? -1]));
    const count = (register: number) => counts.get(register) ?? Number.NaN;
    for (let register = 0x10; register <= 0x47; register++)
      assert.ok(count(register) >= 0, `0x${register.toString(16)}`);
    assert.equal(count(0x2f), cells);
    assert.equal(count(0x2e), 2 ** temperatures.length - 1);
    for (const [first, ofCell] of [
      [0x20, 0x24],
      [0x22, 0x26],
    ] as const) {
      assert.ok(
        Math.abs((count(first) * 10) / cells / count(ofCell) - 1) <= 0.05,
        `${cells} cells: pack and cell agree`,
      );
    }
    const curve = [0x13, 0x46, 0x35, 0x45, 0x34, 0x44, 0x33, 0x43, 0x32, 0x42, 0x12].map(count);
    assert.deepEqual(
      curve,
      [...new Set(curve)].sort((a, b) => a - b),
      "the curve rises",
    );
    assert.deepEqual(memory().working, memory().stored);
  }
});

test("limits act on the pack, and are released on the other side of their release", async () => {
  const { enter, write, information, read } = connectPack();
  const flags = async () => {
    const { head } = await information();
    return [head.protect, head.fet];
  };
  await enter();
  await write(0x24, wordOf(3420));
  assert.deepEqual(await flags(), [1, 2], "cells are above the limit");
  assert.match(await read(0xaa), /^00 0{12}0001/, "and it was counted");
  await write(0x24, wordOf(3650));
  await write(0x25, wordOf(3400));
  assert.deepEqual(await flags(), [1, 2], "still above the release");
  await write(0x25, wordOf(3500));
  assert.deepEqual(await flags(), [0, 3]);
  await write(0x22, wordOf(1400));
  assert.deepEqual(await flags(), [8, 1], "the pack is below its limit");
});

const SWITCHED: readonly [off: number, fet: number, protect: number][] = [
  [1, 2, 0x1000],
  [2, 1, 0x1000],
  [3, 0, 0x1000],
  [0, 3, 0],
];
test("MOSFETs are switched outside factory mode, and 0x03 shows it; a loss of power switches them on", async () => {
  const { write, information, simulator } = connectPack();
  for (const [off, fet, protect] of SWITCHED) {
    assert.equal(await write(0xe1, wordOf(off)), "00");
    const { head } = await information();
    assert.deepEqual([head.fet, head.protect], [fet, protect]);
  }
  await write(0xe1, wordOf(3));
  const later = () => simulator.devices[0]?.battery.flowAt(600_000).amps;
  assert.equal(later(), 0);
  simulator.cutPower("all");
  assert.notEqual(later(), 0);
});

test("families: what they lack, ignore, show to everybody, and report", async () => {
  const classic = connectPack({ board: { family: "classic" } });
  await classic.enter();
  assert.equal(await classic.read(0x42), "80");
  assert.equal(await classic.write(0x42, wordOf(3350)), "00", "acknowledged all the same");
  assert.equal(await classic.read(0x42), "80");
  assert.equal((await classic.information()).head.major, 1);

  const up16s = connectPack({ kind: "jbd16", board: { family: "up16s" } });
  assert.equal(await up16s.read(0x24), "00 0e42", "without factory mode");
  assert.equal(await up16s.write(0x24, wordOf(3600)), "81");
  await up16s.enter();
  assert.equal(await up16s.write(0x12, wordOf(3450)), "00");
  assert.equal(await up16s.read(0x12), "00 0dac", "without effect");
  assert.equal(await up16s.read(0x32), "00 0ccb", "a cell voltage");

  const v19 = connectPack({ board: { family: "v19" } });
  assert.match(await v19.read(0x0f), /^00 0+$/);
  assert.equal(await v19.read(0xf2), "81");
  await v19.enter();
  assert.match(await v19.read(0xf2), /^00 0{106}$/);

  const { head, temperatures, daren } = await connectPack({ board: { family: "daren" } }).information();
  assert.deepEqual([head.major, head.minor, head.year, head.month, head.day], [0, 0, 2000, 0, 0]);
  assert.equal(temperatures.length, 4);
  assert.equal(daren?.health, 100);
});

test("choices are parsed, and mistakes are named", () => {
  assert.deepEqual(parseBoardChoice("family=v19,unsaved=stored,chip=3,link=ended"), {
    ...{ family: "v19", unsaved: "stored", chip: 3, link: "ended" },
  });
  assert.throws(() => parseBoardChoice("family=v20"), {
    message: `family must be one of ${Object.keys(FAMILIES).join(", ")}`,
  });
  assert.throws(() => parseBoardChoice("chip=9"), { message: "chip must be 0 to 6" });
  assert.throws(() => parseBoardChoice("colour"), {
    message: 'no choice "colour": write NAME=VALUE with one of family, unsaved, link, load, chip',
  });
});

test("load=none: no current flows at any time, and the charge stays", async () => {
  const { information, device } = connectPack({ kind: "jbd20", board: { load: "none" } });
  const { flow } = await information();
  assert.deepEqual([flow?.amps, flow?.remain], [0, JBD_PRESETS.get(20)?.pack.flow?.remain]);
  assert.equal(device.battery.flowAt(10_000_000).amps, 0);
});

test("the log of requests holds every request in its order, even one that is lost", async () => {
  const { enter, read, requests } = connectPack({ faults: ["lose-request:register=24"] });
  await enter();
  await read(0x24);
  assert.deepEqual(
    requests.map(({ register, bytes }) => `${register} ${bytes}`),
    ["00 dd5a00025678ff3077", "24 dda52400ffdc77"],
  );
});
