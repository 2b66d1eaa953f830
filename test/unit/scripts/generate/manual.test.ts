import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { readCommandLine } from "../../../../agent/cli/command-line.ts";
import { COMMANDS } from "../../../../agent/cli/commands.ts";
import { OPTIONS } from "../../../../agent/cli/options.ts";
import { bashCompletion } from "../../../../scripts/generate/completion.ts";
import { type HelpText, parseHelpText } from "../../../../scripts/generate/help-text.ts";
import { manPage } from "../../../../scripts/generate/man-page.ts";

function helpOf(...words: string[]): HelpText {
  const asked = readCommandLine(COMMANDS, "1.2.3", [...words, "--help"], {});
  assert.ok("text" in asked);
  return parseHelpText(asked.text);
}

const names = COMMANDS.map(({ name }) => name).filter((name) => name !== "");
const commands = new Map(names.map((name) => [name, helpOf(name)]));
const help = helpOf();

test("the page of bms-agent has every command, every option and its variable", () => {
  const page = manPage({
    name: "bms-agent",
    version: "1.2.3",
    summary: "read",
    help,
    commands,
    files: [],
    seeAlso: ["bms-aggregator(1)"],
  }).replaceAll("\\-", "-");
  assert.deepEqual(
    help.commands.map(({ term }) => term.split(" ")[0]),
    names,
  );
  for (const name of names) assert.match(page, new RegExp(`^\\.SS bms-agent ${name} `, "m"));
  for (const { flags } of Object.values(OPTIONS)) assert.ok(page.includes(`.B ${flags}`), flags);
});

test("no line of text is taken for a request", () => {
  const about = [".TH not a title", "'quoted' at the head", "a \\back\\slash"];
  const empty = { usage: "x", args: [], options: [], commands: [], examples: [], notes: [] };
  const page = manPage({
    name: "x",
    version: "1",
    summary: "x",
    help: { ...empty, about },
    commands: new Map(),
    files: [],
    seeAlso: [],
  });
  assert.ok(page.includes("\n\\&.TH not a title\n"));
  assert.ok(page.includes("\n\\&'quoted' at the head\n"));
  assert.ok(page.includes("a \\eback\\eslash"));
});

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${bashCompletion("bms-agent", help, commands)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bms_agent; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  assert.equal(`${status} ${stderr}`, "0 ");
  return stdout.split("\n").filter((word) => word !== "");
}

for (const [typed, expected] of [
  [
    ["bms-agent", "re"],
    ["release", "remove", "replay"],
  ],
  [
    ["bms-agent", "add", "--pi"],
    ["--pin", "--pin-file"],
  ],
  [["bms-agent", "add", "solar", "--rad"], ["--radio"]],
  [
    ["bms-agent", "info", "--driver", ""],
    ["auto", "jbd", "thornwave"],
  ],
  [["bms-agent", "--log-level", "d"], ["debug"]],
  [
    ["bms-agent", "info", "--radio", ""],
    ["auto", "bluez", "hci", "simulated"],
  ],
  [["bms-agent", "--address", ""], []],
] as const) {
  test(`bash offers after "${typed.join(" ")}": ${expected.join(" ") || "nothing"}`, () => {
    assert.deepEqual(offered(...typed), expected);
  });
}
