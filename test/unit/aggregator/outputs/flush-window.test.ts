import assert from "node:assert/strict";
import { test } from "node:test";
import { FlushWindow } from "../../../../aggregator/outputs/flush-window.ts";
import { fc } from "../../../support/property.ts";

/** Seconds: window 30, prompt within 2, at most 7 apart. */
const newWindow = () => new FlushWindow<string>(30, 2, 7);

/** The mark that each receipt makes durable, by `[mark, requested, read]`. */
function durableAfter(receipts: readonly (readonly [string, number, number])[]): (string | undefined)[] {
  const one = newWindow();
  return receipts.map(([mark, asked, read]) => one.receipt(mark, asked, read));
}

test("data that was read is durable after the receiver has worked for a full window since", () => {
  const receipts = [0, 5, 10, 15, 20, 25, 30, 35].map((at) => [`up to ${at}`, at, at] as const);
  assert.deepEqual(durableAfter(receipts), [...Array.from({ length: 6 }, () => undefined), "up to 0", "up to 5"]);
});

test("time in which the receiver was stalled does not count", () => {
  const worked = [0, 5, 10].map((at) => [`${at}`, at, at] as const);
  // Requested at 15, the receiver answers at 500: it may have flushed nothing since 10.
  const stood = ["15", 15, 500] as const;
  const after = [505, 510, 515, 520].map((at) => [`${at}`, at, at] as const);
  assert.deepEqual(durableAfter([...worked, stood, ...after]), [...Array.from({ length: 7 }, () => undefined), "0"]);
});

test("a slow receipt proves nothing about the time before it, however near the one before is", () => {
  const one = newWindow();
  one.receipt("first", 0, 0);
  // Each is requested 2 s after the one before was read, and takes 3 s.
  for (let read = 5; read <= 300; read += 5) assert.equal(one.receipt(`read at ${read}`, read - 3, read), undefined);
  // Prompt receipts count again, from here on.
  for (let read = 305; read < 330; read += 5) assert.equal(one.receipt(`read at ${read}`, read, read), undefined);
  assert.equal(one.receipt("read at 330", 330, 330), "read at 300");
});

test("a receiver that confirms slowly is not known to have worked meanwhile", () => {
  // A receipt each 5 s, each 3 s after its request: it may have been stalled for most of the time.
  const receipts = Array.from({ length: 20 }, (_, i) => [`${i}`, 5 * i, 5 * i + 3] as const);
  assert.deepEqual(
    durableAfter(receipts),
    receipts.map(() => undefined),
  );
});

test("receipts too far apart prove nothing about the time between", () => {
  assert.deepEqual(
    durableAfter([
      ["a", 0, 0],
      ["b", 100, 100],
      ["c", 105, 105],
    ]),
    [undefined, undefined, undefined],
  );
});

test("without a window, data is durable once it was read", () => {
  const one = new FlushWindow<string>(0, 2, 7);
  assert.equal(one.receipt("a", 0, 0.1), "a");
  assert.equal(one.receipt("b", 90, 91), "b");
});

test("nothing is durable before its window, whatever the receipts, and marks become durable in order", () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 6 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const one = new FlushWindow<number>(30, 2, 7);
      const readAts: number[] = [];
      let now = 0;
      let last = -1;
      for (const [pause, delay] of steps) {
        const asked = now + pause;
        now = asked + delay;
        readAts.push(now);
        const durable = one.receipt(readAts.length - 1, asked, now);
        if (durable === undefined) continue;
        assert.ok(durable > last);
        assert.ok(now - (readAts[durable] ?? Number.NaN) >= 30);
        last = durable;
      }
    }),
  );
});
