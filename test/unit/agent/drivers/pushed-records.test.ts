import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Framing } from "../../../../agent/codec/assembler.ts";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import { openPushedRecords, type PushedStream } from "../../../../agent/drivers/pushed-records.ts";
import { type Answer, type Script, scriptedLink } from "../../../support/scripted-link.ts";

/** Records of a toy: 3A, kind, value, sum. Kind 1 is the pack, 2 the cells, 3 the settings. */
const framing: Framing = {
  starts: ([start]) => start === 0x3a,
  size: () => 4,
  fault: ([, kind = 0, value = 0, sum]) => (((kind + value) & 0xff) === sum ? undefined : "checksum"),
};
const record = (kind: number, value: number) => Uint8Array.of(0x3a, kind, value, (kind + value) & 0xff);
const kindOf = (kind: number) => ({
  matches: ([, found]: Uint8Array) => found === undefined || found === kind,
  read([, , value = 0]: Uint8Array) {
    if (value === 0xff) throw new FrameError("malformed", "255 is no value");
    return value;
  },
});
const START = Uint8Array.of(0x96);
const AGAIN = Uint8Array.of(0x97);
const stream: PushedStream<{ pack: number; cells: number }> = {
  framing,
  records: { pack: kindOf(1), cells: kindOf(2) },
  starts: [[START], [AGAIN, START]],
  pauseMs: 3_000,
};
const withSettings: PushedStream<{ pack: number }, { settings: number }> = {
  framing,
  records: { pack: kindOf(1) },
  extras: { settings: kindOf(3) },
  starts: [[START], [START], [START]],
  pauseMs: 3_000,
};

const at = (afterMs: number, bytes: Uint8Array): Answer => ({ afterMs, bytes });

/** A device that answers the n-th start with the n-th list, and pushes nothing else. */
async function device(...starts: readonly (readonly Answer[])[]) {
  const script: Script = ({ op, bytes }, nth) => (op === "write" && bytes[0] === START[0] ? (starts[nth] ?? []) : []);
  const link = scriptedLink({ services: [] }, script);
  const notifications = await link.subscribe({ service: "", characteristic: "" });
  const write = (bytes: Uint8Array) => link.write({ service: "", characteristic: "" }, bytes, "command");
  const requests = () => link.requests.filter(({ op }) => op === "write").map(({ hex }) => hex);
  return { ...openPushedRecords(write, notifications), requests, link };
}
const fault = (word: string) => (error: { fault?: string }) => error.fault === word;

describe("pushed records", () => {
  test("a set ends with its last record, in any order, and the newer of two equal records counts", async () => {
    const { collect } = await device([at(10, record(2, 7)), at(20, record(2, 8)), at(30, record(1, 5))]);
    assert.deepEqual(await collect(stream, "first"), { pack: 5, cells: 8 });
  });

  test("records of one notification are all used", async () => {
    const { collect } = await device([at(10, Uint8Array.of(...record(1, 5), ...record(2, 7)))]);
    assert.deepEqual(await collect(stream, "first"), { pack: 5, cells: 7 });
  });

  test("a device that pushes is not started again, and what it pushed before is not used", async () => {
    const { collect, requests, link } = await device([
      ...[at(10, record(1, 1)), at(20, record(2, 1))],
      ...[at(1_010, record(1, 2)), at(1_020, record(2, 2))],
      ...[at(2_010, record(1, 3)), at(2_020, record(2, 3))],
    ]);
    assert.deepEqual(await collect(stream, "first"), { pack: 1, cells: 1 });
    await link.clock.sleep(1_500);
    assert.deepEqual(await collect(stream, "when-silent"), { pack: 3, cells: 3 });
    assert.deepEqual(requests(), ["96"]);
  });

  test("a damaged record costs the wait for the next one", async () => {
    const { collect, requests } = await device([
      ...[at(10, Uint8Array.of(0x3a, 1, 5, 0)), at(20, record(2, 7))],
      ...[at(1_010, record(1, 6)), at(1_020, record(2, 8))],
    ]);
    assert.deepEqual(await collect(stream, "first"), { pack: 6, cells: 7 });
    assert.deepEqual(requests(), ["96"]);
  });

  test("a device that has fallen silent is started, by other requests when it stays so", async () => {
    const { collect, requests } = await device([], [at(10, record(1, 5)), at(20, record(2, 7))]);
    assert.deepEqual(await collect(stream, "when-silent"), { pack: 5, cells: 7 });
    assert.deepEqual(requests(), ["96", "97", "96"]);
  });

  test("records of one set are no more than a start apart", async () => {
    const { collect } = await device([at(10, record(1, 5))], [at(10, record(2, 7))]);
    await assert.rejects(collect(stream, "first"), fault("timeout"));
  });

  test("an extra is waited for once more, and then left out", async () => {
    const late = await device([at(10, record(1, 5))], [at(10, record(3, 9)), at(20, record(1, 6))]);
    assert.deepEqual(await late.collect(withSettings, "first"), { pack: 5, settings: 9 });
    const never = await device([at(10, record(1, 5))], [at(10, record(1, 6))], [at(10, record(1, 7))]);
    assert.deepEqual(await never.collect(withSettings, "first"), { pack: 6 });
    assert.deepEqual(never.requests(), ["96", "96"]);
  });

  for (const [about, answers, expected] of [
    ["silence", [], "timeout"],
    ["bytes of something else", [at(10, Uint8Array.of(1, 2, 3))], "malformed"],
    ["a record that ends early", [at(10, record(1, 5).subarray(0, 3))], "truncated"],
    ["a damaged record", [at(10, Uint8Array.of(0x3a, 1, 5, 0))], "checksum"],
    ["a sound record of an impossible value", [at(10, record(1, 0xff))], "malformed"],
  ] as const) {
    test(`${about}: ${expected}`, async () => {
      const { collect } = await device(answers, answers);
      await assert.rejects(collect(stream, "first"), fault(expected));
    });
  }
});
