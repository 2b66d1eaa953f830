// cspell:ignore Klooking Kwaiting
import assert from "node:assert/strict";
import { test } from "node:test";
import { progressLine } from "../../../../common/cli/progress-line.ts";

function setUp(isTTY: boolean) {
  const written: string[] = [];
  return { written, line: progressLine({ isTTY, columns: 10, write: (text) => written.push(text) }) };
}

test("each text takes the place of the one before, cut to the terminal; an empty one erases it", () => {
  const { written, line } = setUp(true);
  line.show("");
  line.show("looking for a battery");
  line.show("waiting");
  line.show("");
  line.show("");
  assert.deepEqual(written, ["\r\x1b[Klooking f", "\r\x1b[Kwaiting", "\r\x1b[K"]);
});

test("off a terminal nothing is shown", () => {
  const { written, line } = setUp(false);
  line.show("waiting");
  line.show("");
  assert.deepEqual(written, []);
});
