import assert from "node:assert/strict";
import { test } from "node:test";
import type { Framing } from "../../../../agent/codec/assembler.ts";
import { frameDecoder, readRecorded } from "../../../../agent/drivers/recorded-frame.ts";
import type { Request } from "../../../../agent/drivers/request-response.ts";
import type { Sample } from "../../../../common/model/reading.ts";

/** Frames of a start, a command, a value, and their sum. */
const FRAMING: Framing = {
  starts: ([start]) => start === 0x3a,
  size: () => 4,
  fault: ([start = 0, command = 0, value = 0, sum]) =>
    ((start + command + value) & 0xff) === sum ? undefined : "checksum",
};
const frame = (command: number, value: number) => Uint8Array.of(0x3a, command, value, (0x3a + command + value) & 0xff);

const request = (command: number, name: "percent" | "cycles"): Request<Sample> => ({
  bytes: Uint8Array.of(command),
  framing: FRAMING,
  matches: ([, answered]) => answered === undefined || answered === command,
  read: (bytes) => ({ [name]: bytes[2] ?? 0 }),
});
const PERCENT = request(1, "percent");
const CYCLES = request(2, "cycles");

const decode = frameDecoder({
  byBytes: ([command]) => [PERCENT, CYCLES].find(({ bytes }) => bytes[0] === command),
  byLayout: { percent: PERCENT },
});

test("the request that was sent decides, then the layout; other frames hold no quantities", async () => {
  const sent = { layout: "percent", request: CYCLES.bytes, notifications: [frame(2, 50)] };
  assert.deepEqual(await decode(sent), { cycles: 50 });
  assert.deepEqual(await decode({ layout: "percent", notifications: [frame(1, 50)] }), { percent: 50 });
  assert.deepEqual(await decode({ layout: "toString", notifications: [frame(1, 50)] }), {});
  assert.deepEqual(await decode({ layout: "", request: Uint8Array.of(9), notifications: [frame(1, 50)] }), {});
});

test("pieces are assembled as in a session, among stray ones", async () => {
  const [a, b] = [frame(1, 50).slice(0, 2), frame(1, 50).slice(2)];
  assert.deepEqual(await readRecorded(PERCENT, [Uint8Array.of(0), a, b]), { percent: 50 });
});

const BAD: readonly (readonly [about: string, notifications: readonly Uint8Array[], fault: string])[] = [
  ["a damaged frame", [Uint8Array.of(0x3a, 1, 2, 3)], "checksum"],
  ["the beginning of a frame", [frame(1, 50).slice(0, 3)], "truncated"],
  ["the answer to another request", [frame(2, 50)], "malformed"],
  ["nothing", [], "malformed"],
];
for (const [about, notifications, fault] of BAD) {
  test(`${about} is ${fault}`, () =>
    assert.rejects(readRecorded(PERCENT, notifications), { name: "FrameError", fault }));
}
