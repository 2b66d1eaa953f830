import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHelpText } from "../../../../scripts/generate/help-text.ts";

const HELP = `Usage: tool add [options] <name>

Adds a thing, and more,
on two lines.

Arguments:
  name                 what to call it

Options:
  -b, --address <mac>  where it is, said at
                       such length (TOOL_ADDRESS)
  --once               one time

Examples:
  tool add x           adds x
  tool add y --once

Exit status: 0 done; 1 not.
The last line.
`;

test("a help text is read with every row whole", () => {
  assert.deepEqual(parseHelpText(HELP), {
    usage: "tool add [options] <name>",
    about: ["Adds a thing, and more, on two lines."],
    args: [{ term: "name", meaning: "what to call it" }],
    options: [
      { term: "-b, --address <mac>", meaning: "where it is, said at such length (TOOL_ADDRESS)" },
      { term: "--once", meaning: "one time" },
    ],
    commands: [],
    examples: [
      { term: "tool add x", meaning: "adds x" },
      { term: "tool add y --once", meaning: "" },
    ],
    notes: ["Exit status: 0 done; 1 not.", "The last line."],
  });
});

test("what is no help text is refused", () => {
  assert.throws(() => parseHelpText("error: unknown option"), /no help text/);
});
