import assert from "node:assert/strict";
import { test } from "node:test";
import { redrawnTable } from "../../../../common/cli/redrawn-table.ts";

function setUp() {
  let printed = "";
  const table = redrawnTable(
    (text) => {
      printed += text;
    },
    () => ({ rows: 3, columns: 4 }),
  );
  /** Calls a method and returns what it printed. */
  return (use: (of: typeof table) => void) => {
    printed = "";
    use(table);
    return printed;
  };
}

test("each text takes the place of the one before, cut to the terminal", () => {
  const printedBy = setUp();
  assert.equal(
    printedBy((table) => table.show("one\n\nthree\n")),
    "one\n\n",
  );
  assert.equal(
    printedBy((table) => table.show("broad line\n")),
    "\x1b[2F\x1b[Jbroa\n",
  );
  assert.equal(
    printedBy((table) => table.show("")),
    "\x1b[1F\x1b[J",
  );
});

test("a line above the text is printed whole, and the text is drawn again below it", () => {
  const printedBy = setUp();
  assert.equal(
    printedBy((table) => table.printAbove("a log line")),
    "a log line\n",
  );
  printedBy((table) => table.show("one\ntwo\n"));
  assert.equal(
    printedBy((table) => table.printAbove("a log line")),
    "\x1b[2F\x1b[Ja log line\none\ntwo\n",
  );
});

test("a text that is kept is not erased any more", () => {
  const printedBy = setUp();
  printedBy((table) => table.show("one\n"));
  printedBy((table) => table.keep());
  assert.equal(
    printedBy((table) => table.show("two\n")),
    "two\n",
  );
});

test("a terminal that does not know its size, such as a serial console, has 24 rows of 80 characters", () => {
  let printed = "";
  const table = redrawnTable(
    (text) => {
      printed += text;
    },
    () => ({ rows: 0, columns: 0 }),
  );
  table.show(`${"x".repeat(100)}\n`.repeat(30));
  assert.equal(printed, `${"x".repeat(80)}\n`.repeat(23));
});
