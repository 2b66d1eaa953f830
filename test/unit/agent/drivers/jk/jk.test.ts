import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeCells } from "../../../../../agent/drivers/jk/cell-record.ts";
import { encodeRecord } from "../../../../../agent/drivers/jk/frame.ts";
import { decodeJkFrame } from "../../../../../agent/drivers/jk/frames.ts";
import { encodeInformation, encodeSettings } from "../../../../../agent/drivers/jk/information.ts";
import { jk } from "../../../../../agent/drivers/jk/jk.ts";
import { PROTECTIONS, WIDE_PROTECTIONS } from "../../../../../agent/drivers/jk/sample.ts";
import { RadioError } from "../../../../../agent/radio/radio.ts";
import { type Answer, type Script, scriptedLink } from "../../../../support/scripted-link.ts";

const VALUES = {
  ...{
    mask: 0b1011,
    delta: 12,
    maxcell: 4,
    mincell: 1,
    mostemp: 25,
    volts: 13.3,
    amps: -2.5,
    temp1: 20,
    temp2: undefined,
  },
  ...{
    protect: 0,
    balanceamps: 0,
    balancing: 0,
    percent: 88,
    remain: 88,
    full: 100,
    cycles: 3,
    health: 99,
    uptime: 77,
  },
  ...{ charge: 1, discharge: 0, heating: 2, temp3: 0, temp4: -3.5 },
};
const CELLS = [3320, 3325, 0, 3332];
const record = (counter: number, change: Partial<typeof VALUES> = {}, layout: "24s" | "32s" = "32s") =>
  encodeRecord("cells", counter, encodeCells(layout, { ...VALUES, ...change }, CELLS));
const INFORMATION = encodeRecord(
  "information",
  1,
  encodeInformation({ model: "JK", hardware: "11.XA", software: "11.48", produced: "240704", passwords: ["1", "2"] }),
);
const SETTINGS = encodeRecord("settings", 2, encodeSettings({ capacity: 105 }));

const decode = async (layout: string, frame: Uint8Array) => decodeJkFrame({ layout, notifications: [frame] });
const fault = (word: string) => (error: { fault?: string }) => error.fault === word;

describe("records", () => {
  test("only the slots of the mask are cells; sensors that are missing are absent, and so is a third one at 0", async () => {
    const { cells, cell1, cell3, cell4, temp1, temp2, temp3, temp4, heating, fet } = await decode(
      "cell-32s",
      record(1),
    );
    assert.deepEqual(
      { cells, cell1, cell3, cell4, temp1, temp2, temp3, temp4, heating, fet },
      {
        cells: 3,
        cell1: 3320,
        cell3: undefined,
        cell4: 3332,
        temp1: 20,
        temp2: undefined,
        temp3: undefined,
        temp4: -3.5,
        heating: 1,
        fet: 1,
      },
    );
  });

  test("without cells there are no millivolts", async () => {
    const sample = await decode("cell-32s", record(1, { mask: 0, volts: 0, protect: 4 }));
    assert.equal(sample.cells, 0);
    for (const name of ["cell1", "cellmin", "delta", "maxcell", "mincell"] as const)
      assert.equal(sample[name], undefined);
  });

  test("a charge above 100 % is malformed", async () => {
    await assert.rejects(decode("cell-24s", record(1, { percent: 101 }, "24s")), fault("malformed"));
  });

  for (const [layout, bits] of [
    ["cell-24s", 16],
    ["cell-32s", 32],
  ] as const) {
    const protections = layout === "cell-32s" ? [...PROTECTIONS, ...WIDE_PROTECTIONS] : PROTECTIONS;
    test(`${layout}: each bit of the protection word sets its word and no other`, async () => {
      for (let bit = 0; bit < bits; bit++) {
        const change = { protect: 2 ** bit };
        const sample = await decode(layout, record(1, change, layout === "cell-24s" ? "24s" : "32s"));
        assert.equal(sample.protect, 2 ** bit);
        for (const [name, own] of protections)
          assert.equal(sample[name], own.includes(bit) ? 1 : 0, `${name}, bit ${bit}`);
      }
    });
  }
});

/** A board: what follows the n-th request for information, and the n-th start. */
async function board(information: readonly Answer[], ...starts: readonly (readonly Answer[])[]) {
  const script: Script = ({ op, bytes }, nth) =>
    op !== "write" ? [] : bytes[4] === 0x97 ? information : (starts[nth] ?? []);
  const link = scriptedLink({ services: ["ffe0"] }, script);
  const requests = () => link.requests.filter(({ op }) => op === "write").map(({ hex }) => hex.slice(8, 10));
  return { link, requests, session: await jk.open(link) };
}
const at = (afterMs: number, bytes: Uint8Array): Answer => ({ afterMs, bytes });
const told = [at(50, INFORMATION)];

describe("a session", () => {
  test("asks for the information and starts the stream once", async () => {
    const stream = [1, 2, 3].map((n) => at(1000 * n, record(n, { percent: 10 * n })));
    const { session, requests } = await board(told, [at(100, SETTINGS), ...stream]);
    const charges = [await session.poll(), await session.poll(), await session.poll()].map(({ percent }) => percent);
    assert.deepEqual(charges, [10, 20, 30]);
    assert.deepEqual(requests(), ["97", "96"]);
  });

  test("knows the capacity of the settings, and does without them when they do not come", async () => {
    const stream = [at(200, record(1)), at(1200, record(2))];
    const { session } = await board(told, [at(100, SETTINGS), ...stream]);
    assert.deepEqual([(await session.poll()).capacity, (await session.poll()).capacity], [105, 105]);
    const silent = await board(told, stream, stream);
    assert.equal((await silent.session.poll()).capacity, undefined);
    assert.deepEqual(silent.requests(), ["97", "96", "96"]);
  });

  test("starts a stream that has dried up again, at last with both requests", async () => {
    const first = [at(100, SETTINGS), at(200, record(1))];
    const { session, requests } = await board(told, first, [], [], [at(100, record(2, { percent: 55 }))]);
    await session.poll();
    assert.equal((await session.poll()).percent, 55);
    assert.deepEqual(requests(), ["97", "96", "96", "96", "97", "96"]);
  });

  test("decodes no cells before the board has told its layout", async () => {
    const { session, requests } = await board([], [at(100, record(1))]);
    await assert.rejects(session.poll(), fault("timeout"));
    assert.deepEqual(requests(), ["97", "97", "97"]);
  });

  test("describes the board, and counts its cells once they were read", async () => {
    const { session } = await board(told, [at(100, SETTINGS), at(200, record(1))]);
    const description = { model: "JK", hardware: "11.XA", software: "11.48", produced: "2024-07-04" };
    assert.deepEqual(await session.describe(), description);
    await session.poll();
    assert.deepEqual(await session.describe(), { ...description, cells: 3 });
  });

  test("a board that hides its characteristic wants a paired link", async () => {
    const link = scriptedLink({ services: [] }, () => []);
    const hidden = {
      ...link,
      subscribe: () => Promise.reject(new RadioError("unsupported", "no such characteristic")),
    };
    await assert.rejects(async () => jk.open(hidden), fault("pairing-needed"));
  });
});
