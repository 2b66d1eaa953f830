import assert from "node:assert/strict";
import { test } from "node:test";
import { redrawnTable } from "../../../../agent/cli/redrawn-table.ts";

test("each text takes the place of the one before, cut to the terminal", () => {
  let printed = "";
  const show = redrawnTable(
    (text) => {
      printed += text;
    },
    () => ({ rows: 3, columns: 4 }),
  );
  show("one\n\nthree\n");
  assert.equal(printed, "one\n\n");
  printed = "";
  show("broad line\n");
  assert.equal(printed, "\x1b[2F\x1b[Jbroa\n");
  printed = "";
  show("");
  assert.equal(printed, "\x1b[1F\x1b[J");
});
