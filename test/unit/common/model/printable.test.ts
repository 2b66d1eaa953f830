import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableLines } from "../../../../common/model/printable.ts";
import { fc } from "../../../support/property.ts";

const CASES: [about: string, text: string, expected: string][] = [
  ["plain text", "Küche 2, 電池 🔋 é", "Küche 2, 電池 🔋 é"],
  ["an escape sequence", "a\u001b[2Jb", "a\\u001b[2Jb"],
  ["a bell, a line feed and a tab", "\u0007\n\t", "\\u0007\\u000a\\u0009"],
  ["DEL", "\u007f", "\\u007f"],
  ["C1: the one-byte control sequence introducer", "\u009b2J", "\\u009b2J"],
  [
    "bidirectional controls",
    "\u061c\u200e\u200f\u202a\u202e\u2066\u2069",
    "\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069",
  ],
  ["zero-width characters", "\u200b\u200c\u200d\u2060\ufeff", "\\u200b\\u200c\\u200d\\u2060\\ufeff"],
  ["a soft hyphen", "\u00ad", "\\u00ad"],
  ["line and paragraph separators", "\u2028\u2029", "\\u2028\\u2029"],
  ["an invisible tag, in two units", "\u{e0041}", "\\udb40\\udc41"],
  ["half of a surrogate pair", "\ud800x", "\\ud800x"],
];

for (const [about, text, expected] of CASES) {
  test(`escapes ${about}`, () => assert.equal(printable(text), expected));
}

const anyText = fc.string({ unit: "binary" });

test("whatever the text, what is printed has no control or format character, and is not changed again", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const printed = printable(text);
      assert.doesNotMatch(printed, /(?![\p{Cn}\p{Co}])[\p{C}\p{Zl}\p{Zp}]/u);
      assert.equal(printable(printed), printed);
    }),
  );
});

test("a line of JSON keeps its value", () => {
  fc.assert(fc.property(anyText, (text) => assert.equal(JSON.parse(printable(JSON.stringify({ text }))).text, text)));
});

test("lines stay lines", () => assert.equal(printableLines("a\u001b\nb\n"), "a\\u001b\nb\n"));
