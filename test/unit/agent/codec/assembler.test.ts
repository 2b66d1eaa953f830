import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Assembled, createAssembler, type Framing } from "../../../../agent/codec/assembler.ts";
import { encodeReply, jbdFraming } from "../../../../agent/drivers/jbd/frame.ts";
import { fc } from "../../../support/property.ts";

const INFORMATION = "dd03001d055a00006d5e6d6000002c7c00000000000080640304030b6e0b6e0b6afaef77";
const CELLS = "dd0400080d660d610d680d59fe3c77";
const [HEAD, TAIL] = [INFORMATION.slice(0, 40), INFORMATION.slice(40)];
const DAMAGED = INFORMATION.replace("6d60", "6d61");
const ENDLESS = `${CELLS.slice(0, -2)}78`;
const BROADCAST = `0251${"dd".repeat(62)}`;

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
function hex({ bytes }: Assembled): string {
  return Buffer.from(bytes).toString("hex");
}
/** Result of these notifications. */
function assembled(...notifications: readonly string[]): Assembled[] {
  const assembler = createAssembler(jbdFraming);
  return notifications.flatMap((notification) => assembler.push(bytes(notification)));
}

/** Frames of 300 bytes: 55 AA, 297 bytes, and the sum of all in one byte. `judged` counts the frames that were examined. */
function longFraming(isWeak: boolean) {
  const counts = { judged: 0 };
  const framing: Framing = {
    firstByte: 0x55,
    ...(isWeak && { isWeak }),
    starts: ([first, second]) => first === 0x55 && (second ?? 0xaa) === 0xaa,
    size: (bytes) => (bytes.length < 2 ? undefined : 300),
    fault(frame) {
      counts.judged++;
      return (frame.subarray(0, -1).reduce((sum, byte) => sum + byte, 0) & 0xff) === frame.at(-1)
        ? undefined
        : "checksum";
    },
  };
  return { counts, framing };
}
const LONG = Uint8Array.from(
  { length: 300 },
  (_, i) => [0x55, 0xaa][i] ?? (i < 60 ? (i * 37) & 0xff : i < 200 ? 0 : i & 0xff),
);
LONG[299] = LONG.subarray(0, -1).reduce((sum, byte) => sum + byte, 0);
const LONG_PIECES = Array.from({ length: 15 }, (_, i) => LONG.slice(20 * i, 20 * i + 20));
const STRAY = bytes("41540d0a");

for (const isWeak of [false, true]) {
  describe(`a long frame in 15 pieces, with ${isWeak ? "one byte" : "more bytes"} of checksum`, () => {
    for (const [about, notifications] of [
      ["as it was sent", LONG_PIECES],
      ["every notification twice", LONG_PIECES.flatMap((piece) => [piece, piece])],
      ["a stray notification before every piece", LONG_PIECES.flatMap((piece) => [STRAY, piece])],
      ["both", LONG_PIECES.flatMap((piece) => [STRAY, piece, piece])],
      ["a stray one glued in front", [Uint8Array.of(...STRAY, ...LONG)]],
      ["a frame that stops after 60 bytes, then a whole one", [...LONG_PIECES.slice(0, 3), ...LONG_PIECES]],
      ["single bytes", [...LONG].map((byte) => Uint8Array.of(byte))],
    ] as const) {
      test(about, () => {
        const assembler = createAssembler(longFraming(isWeak).framing);
        const found = notifications.flatMap((notification) => assembler.push(notification));
        assert.deepEqual(
          found.filter(({ kind }) => kind === "frame").map(({ bytes }) => bytes),
          [LONG],
        );
      });
    }

    test("is examined once where nothing is wrong", () => {
      const { framing, counts } = longFraming(isWeak);
      const assembler = createAssembler(framing);
      for (const piece of LONG_PIECES) assembler.push(piece);
      assert.equal(counts.judged, 1);
    });
  });
}

test("with one byte of checksum few selections are tried of a frame that lacks a piece", () => {
  const { framing, counts } = longFraming(true);
  const assembler = createAssembler(framing);
  for (const piece of [...LONG_PIECES.filter((_, i) => i !== 3), ...LONG_PIECES.slice(1)]) assembler.push(piece);
  assert.ok(counts.judged <= 4, `${counts.judged} selections`);
});

describe("assembling", () => {
  for (const [about, notifications, expected] of [
    ["one frame in one notification", [INFORMATION], [INFORMATION]],
    ["two frames in one notification", [INFORMATION + CELLS], [INFORMATION, CELLS]],
    ["one frame in two notifications", [HEAD, TAIL], [INFORMATION]],
    ["one frame in single bytes", CELLS.match(/../g) ?? [], [CELLS]],
    ["the end byte alone in the last notification", [INFORMATION.slice(0, -2), "77"], [INFORMATION]],
    ["two frames, cut in the second", [INFORMATION + CELLS.slice(0, 8), CELLS.slice(8)], [INFORMATION, CELLS]],
    ["noise before, with a start in it", [`0102dd00000000${INFORMATION}`], [INFORMATION]],
    ["noise in a notification of its own", ["9f13dd", INFORMATION], [INFORMATION]],
    ["a start whose length is absurd", ["dd0300ff", HEAD, TAIL], [INFORMATION]],
    ["an absurd start glued in front", [`dd0300ff${HEAD}`, TAIL], [INFORMATION]],
    ["bytes behind the end", [`${INFORMATION}000000000000`, "0000"], [INFORMATION]],
    ["a lone 00 between", [HEAD, "00", TAIL], [INFORMATION]],
    ["every notification twice", [HEAD, HEAD, TAIL, TAIL], [INFORMATION]],
    ["another frame between", [HEAD, CELLS, TAIL], [CELLS, INFORMATION]],
    ["a frame that stops, then a whole one", [HEAD, INFORMATION], [INFORMATION]],
    ["a frame that stops, then a whole one in pieces", [HEAD, HEAD, TAIL], [INFORMATION]],
    ["the first piece missing", [TAIL], []],
    ["nothing at all", [""], []],
    ["a broadcast between, which looks like damage at first", [HEAD, BROADCAST, TAIL], [INFORMATION]],
  ] as const) {
    test(about, () => {
      const sound = assembled(...notifications).filter(({ kind }) => kind === "frame");
      assert.deepEqual(sound.map(hex), expected);
    });
  }

  for (const [about, notifications, fault, damaged] of [
    ["a wrong checksum", [DAMAGED], "checksum", DAMAGED],
    ["a wrong checksum in pieces", [DAMAGED.slice(0, 40), DAMAGED.slice(40)], "checksum", DAMAGED],
    ["a wrong end", [ENDLESS], "malformed", ENDLESS],
    ["the same before a good frame in the next notification", [DAMAGED, CELLS], "checksum", DAMAGED],
  ] as const) {
    test(`${about} is reported`, () => {
      assert.deepEqual(assembled(...notifications)[0], { kind: "damaged", bytes: bytes(damaged), fault });
    });
  }

  test("the effect of a missing piece is not damage", () => {
    assert.deepEqual(assembled(HEAD), []);
    assert.deepEqual(assembled(INFORMATION.slice(0, -2)), []);
  });

  test("of two sound frames the one that skipped fewer notifications is taken", () => {
    // The same bytes in another order have the same sum: with the older head in front the newer tail is sound too.
    const newerHead = HEAD.replace("6d5e", "5e6d");
    assert.deepEqual(assembled(HEAD, newerHead, TAIL).map(hex).at(-1), newerHead + TAIL);
  });

  test("beginnings of frames are known, and can be discarded", () => {
    const assembler = createAssembler(jbdFraming);
    assembler.push(bytes(HEAD));
    assert.deepEqual(assembler.pending(), [bytes(HEAD)]);
    assembler.reset();
    assert.deepEqual(assembler.pending(), []);
    assert.deepEqual(assembler.push(bytes(TAIL)), []);
  });

  test("any frames cut anywhere come out whole and in order", () => {
    const reply = fc.record({ register: fc.nat(255), status: fc.nat(255), payload: fc.uint8Array({ maxLength: 64 }) });
    fc.assert(
      fc.property(
        fc.array(reply, { minLength: 1, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 30 })),
        (replies, cuts) => {
          const frames = replies.map(encodeReply);
          let stream = Buffer.concat(frames);
          const assembler = createAssembler(jbdFraming);
          const found: Assembled[] = [];
          for (const cut of [...cuts, stream.length]) {
            found.push(...assembler.push(Uint8Array.from(stream.subarray(0, cut))));
            stream = stream.subarray(cut);
          }
          assert.deepEqual(
            found.filter(({ kind }) => kind === "frame").map(({ bytes }) => bytes),
            frames,
          );
        },
      ),
    );
  });

  test("a flood of starts costs bounded time and hides no frame behind it", () => {
    const assembler = createAssembler(jbdFraming);
    for (let i = 0; i < 500; i++) assembler.push(bytes("dd"));
    assert.deepEqual(assembler.push(bytes(INFORMATION)).map(hex), [INFORMATION]);
  });
});
