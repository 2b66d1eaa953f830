import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import { flagOf } from "../../../../common/cli/option.ts";
import { SHELLS } from "../../../../scripts/generate/completion.ts";
import { manPage } from "../../../../scripts/generate/man-page.ts";
import { type DocumentedProgram, PROGRAMS } from "../../../../scripts/generate/programs.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const rowsOf = ({ commands }: DocumentedProgram) => commands.flatMap(({ options }) => Object.values(options));

for (const program of PROGRAMS) {
  const { name, commands } = program;

  test(`the page of ${name} has every command and every option`, () => {
    const page = manPage(program, "1.2.3", ["systemctl(1)"]).replaceAll("\\-", "-");
    for (const command of commands.filter((one) => one.name !== ""))
      assert.match(page, new RegExp(`^\\.SS ${name} ${command.name} `, "m"));
    const named = commands.filter((one) => one.name !== "");
    assert.equal(
      page.match(/^\.PP\nExamples:\n\.TP$/gm)?.length ?? 0,
      named.length,
      "a heading above each command's examples",
    );
    for (const { flags } of rowsOf(program)) assert.ok(page.includes(`.B ${flags}`), flags);
  });

  test(`the completions of ${name} have every command and every option`, () => {
    for (const [shell, complete] of Object.entries(SHELLS)) {
      const script = complete(program);
      const words = commands.flatMap((command) => command.name.split(" "));
      for (const word of words) assert.ok(script.includes(word), `${shell} ${word}`);
      for (const row of rowsOf(program)) {
        const flag = shell === "fish" ? `-l ${flagOf(row).slice(2)} ` : flagOf(row);
        assert.ok(script.includes(flag), `${shell} ${flag}`);
      }
    }
  });

  for (const shell of Object.keys(SHELLS) as (keyof typeof SHELLS)[]) {
    const isMissing = spawnSync(shell, ["--version"]).error !== undefined;
    test(`${shell} can parse the completion of ${name}`, {
      skip: isMissing && `${shell} is not installed`,
    }, async (t) => {
      const file = join(await temporaryFolder(t), name);
      await writeFile(file, SHELLS[shell](program));
      const { status, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
      assert.equal(`${status} ${stderr}`, "0 ");
    });
  }
}

test("no line of text is taken for a request", () => {
  const about = ".TH not a title";
  const examples = [["'quoted' at the head", "a \\back\\slash"]] as const;
  const command = { name: "", about, options: {}, examples, invoke: () => assert.fail() };
  const page = manPage({ name: "x", summary: "x", commands: [command], files: [] }, "1", []);
  assert.ok(page.includes("\n\\&.TH not a title\n"));
  assert.ok(page.includes(".B \\&'quoted' at the head\n"));
  assert.ok(page.includes("a \\eback\\eslash"));
});

/** The words that bash offers for the last of these. */
function offered(...words: readonly string[]): string[] {
  const program = PROGRAMS.find(({ name }) => name === words[0]);
  assert.ok(program);
  const script = `${SHELLS.bash(program)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _${program.name.replaceAll("-", "_")}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8" });
  assert.equal(`${status} ${stderr}`, "0 ");
  return stdout.split("\n").filter((word) => word !== "");
}

for (const [typed, expected] of [
  ["bmsctl re", ["release", "remove"]],
  ["bmsctl add --pi", ["--pin", "--pin-file"]],
  ["bmsctl add solar --rad", ["--radio"]],
  ["bmsctl settings ap", ["apply"]],
  ["bmsctl settings set house --wr", ["--write"]],
  ["bms-agent re", ["replay"]],
  ["bms-agent --log-level d", ["debug"]],
  ["bms-agent info --driver ", ["auto", ...DRIVERS.map(({ name }) => name)]],
  ["bms-agent info --radio ", ["auto", "bluez", "hci", "simulated"]],
  ["bms-agent --address ", []],
  ["bms-agent replay package-l", ["package-lock.json"]],
  ["bms-aggregator --se", ["--settle"]],
] as const) {
  test(`bash offers after "${typed}": ${expected.join(" ") || "nothing"}`, () => {
    assert.deepEqual(offered(...typed.split(" ")), expected);
  });
}
