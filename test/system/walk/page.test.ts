import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../machine/programs.ts";
import { stepsOf } from "./page.ts";

/** The walks of each page, which a test beside this one follows. */
const WALKS: Readonly<Record<string, readonly string[]>> = {
  "many-sites.md": ["add", "https", "nats", "remove", "replay"],
  "two-hosts.md": ["back", "pair", "revoke"],
};

test("code blocks become steps, without their indent, in the order of the page", () => {
  const page = [
    "Text.",
    "",
    "1. First:",
    "",
    "   <!-- walk: nats,https centre -->",
    "   ```sh",
    "   one \\",
    "     two",
    "   ```",
    "",
    "<!-- walk: nats shed writes /etc/x -->",
    "",
    "```ini",
    "[Service]",
    "```",
    '<!-- walk: add shed inserts /etc/x after "sources": [ -->',
    "```",
    "    one",
    "```",
    "<!-- walk: pair house prints sudo bmsctl join -->",
    "```sh",
    "sudo bmsctl pair",
    "```",
    "<!-- walk: none -->",
    "```",
    "a diagram",
    "```",
  ].join("\n");
  assert.deepEqual(stepsOf(page), [
    {
      walks: ["nats", "https"],
      machine: "centre",
      file: undefined,
      prints: undefined,
      text: "one \\\n  two\n",
      line: 6,
    },
    {
      walks: ["nats"],
      machine: "shed",
      file: { path: "/etc/x", after: undefined },
      prints: undefined,
      text: "[Service]\n",
      line: 13,
    },
    {
      walks: ["add"],
      machine: "shed",
      file: { path: "/etc/x", after: '"sources": [' },
      prints: undefined,
      text: "    one\n",
      line: 17,
    },
    {
      walks: ["pair"],
      machine: "house",
      file: undefined,
      prints: "sudo bmsctl join",
      text: "sudo bmsctl pair\n",
      line: 21,
    },
  ]);
});

test("a code block without a marker, or with one of another block, is an error with its line", () => {
  assert.throws(() => stepsOf("Text\n\n```sh\nls\n```\n"), /^Error: line 3: /);
  assert.throws(() => stepsOf("<!-- walk: nats shed -->\n```sh\nls\n```\n\n```sh\nls\n```\n"), /^Error: line 6: /);
  assert.throws(() => stepsOf("<!-- walk: nats shed reads /x -->\n```sh\nls\n```\n"), /^Error: line 2: /);
});

for (const [page, expected] of Object.entries(WALKS)) {
  test(`${page}: every code block is a step of a walk that is followed, or none`, () => {
    const walks = stepsOf(readFileSync(join(ROOT, "docs", page), "utf8")).flatMap((step) => step.walks);
    assert.deepEqual([...new Set(walks)].sort(), expected);
  });
}
