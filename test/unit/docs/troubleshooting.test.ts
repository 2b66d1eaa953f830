import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../../..");
const PROGRAMS = ["agent", "aggregator", "common", "control"];

/** The text of every program, with line breaks between joined string parts removed. */
const source = PROGRAMS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(ROOT, folder, file)),
)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(file, "utf8").replaceAll(/" \+\s+"/g, ""))
  .join("\n");

/** The messages quoted in the first column of the table of the page that lists messages. */
function quotedMessages(): string[] {
  const page = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8");
  const [, table = ""] = page.split("<!-- messages -->");
  const cells = table.split("\n").flatMap((line) => (line.startsWith("| `") ? [line.split(" | ")[0] ?? ""] : []));
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message));
}

test("the page quotes messages", () => assert.ok(quotedMessages().length >= 15));

for (const message of quotedMessages()) {
  test(`docs/troubleshooting.md quotes a message of the programs: ${message}`, () => {
    // An ellipsis stands for a name, an address or a number.
    for (const part of message.split("…").filter((text) => /\w/.test(text)))
      assert.ok(source.includes(part.trim()), `no program contains ${JSON.stringify(part.trim())}`);
  });
}
