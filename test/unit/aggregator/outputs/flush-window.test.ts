import assert from "node:assert/strict";
import { test } from "node:test";
import { Settlement } from "../../../../aggregator/outputs/flush-window.ts";
import { fc } from "../../../support/property.ts";

/** Seconds: window 30, prompt within 2, at most 7 apart. */
const settlement = () => new Settlement<string>(30, 2, 7);

/** What each receipt settles, by `[mark, asked, read]`. */
function settledBy(receipts: readonly (readonly [string, number, number])[]): (string | undefined)[] {
  const one = settlement();
  return receipts.map(([mark, asked, read]) => one.receipt(mark, asked, read));
}

test("what was read settles when the receiver has worked for a whole window since", () => {
  const receipts = [0, 5, 10, 15, 20, 25, 30, 35].map((at) => [`up to ${at}`, at, at] as const);
  assert.deepEqual(settledBy(receipts), [...Array.from({ length: 6 }, () => undefined), "up to 0", "up to 5"]);
});

test("time in which the receiver stood still counts for nothing", () => {
  const worked = [0, 5, 10].map((at) => [`${at}`, at, at] as const);
  // Asked at 15, the receiver answers at 500: it may have flushed nothing since 10.
  const stood = ["15", 15, 500] as const;
  const after = [505, 510, 515, 520].map((at) => [`${at}`, at, at] as const);
  assert.deepEqual(settledBy([...worked, stood, ...after]), [...Array.from({ length: 7 }, () => undefined), "0"]);
});

test("receipts too far apart do not speak for the time between", () => {
  assert.deepEqual(
    settledBy([
      ["a", 0, 0],
      ["b", 100, 100],
      ["c", 105, 105],
    ]),
    [undefined, undefined, undefined],
  );
});

test("without a window, what was read is settled", () => {
  const one = new Settlement<string>(0, 2, 7);
  assert.equal(one.receipt("a", 0, 0.1), "a");
  assert.equal(one.receipt("b", 90, 91), "b");
});

test("nothing settles before its window, whatever the receipts, and marks settle in order", () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 6 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const one = new Settlement<number>(30, 2, 7);
      const readAts: number[] = [];
      let now = 0;
      let last = -1;
      for (const [pause, delay] of steps) {
        const asked = now + pause;
        now = asked + delay;
        readAts.push(now);
        const settled = one.receipt(readAts.length - 1, asked, now);
        if (settled === undefined) continue;
        assert.ok(settled > last);
        assert.ok(now - (readAts[settled] ?? Number.NaN) >= 30);
        last = settled;
      }
    }),
  );
});
