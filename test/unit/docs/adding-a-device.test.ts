import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PAGE = readFileSync(join(ROOT, "docs/adding-a-device.md"), "utf8");
const COPIED = ["agent", "common", "scripts/tools", "test/support", "test/fixtures", "test/unit/agent/drivers"];
const SETTINGS = ["package.json", "biome.json"];
const CONTRACT = ["", "-second", "-third"].map((part) => `test/unit/agent/drivers/contract${part}.test.ts`);
const TSCONFIG = { extends: join(ROOT, "tsconfig.json"), include: ["agent/drivers", "test/unit/agent/drivers"] };

/** Code blocks of the page after a line that is nothing but a file's name. */
const FILES = [...PAGE.matchAll(/^`([\w./-]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm)].map(([, path = "", text = ""]) => ({
  path,
  text,
}));
/** Lines that the page adds to the registry, and what they import. */
const IMPORTS = [...PAGE.matchAll(/^import \{ (\w+) \} from "\.\/.*";$/gm)].map(([line, driver = ""]) => ({
  line,
  driver,
}));

/** A copy of the project in which the page was followed. */
async function followPage(t: TestContext): Promise<string> {
  const copy = await temporaryFolder(t);
  for (const path of [...COPIED, ...SETTINGS]) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify(TSCONFIG));
  for (const { path, text } of FILES) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  const registry = join(copy, "agent/drivers/registry.ts");
  const lines = IMPORTS.map(({ line }) => line).join("\n");
  const list = `DRIVERS: readonly Driver[] = [${IMPORTS.map(({ driver }) => driver).join(", ")}, `;
  const registered = readFileSync(registry, "utf8").replace("DRIVERS: readonly Driver[] = [", list);
  assert.ok(registered.includes(list), "the registry is a list that the page can name");
  writeFileSync(registry, `${lines}\n${registered}`);
  return copy;
}

function run(copy: string, command: string, ...args: string[]): string {
  // Inside of a test run node:test would skip the tests of another.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, env, encoding: "utf8" });
  assert.equal(status, 0, `${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

test("the drivers on the page are built, keep the contract and are recognised", { timeout: 120_000 }, async (t) => {
  assert.equal(FILES.length, 4);
  assert.equal(IMPORTS.length, 2);
  const copy = await followPage(t);
  const bin = (name: string) => join(ROOT, "node_modules/.bin", name);
  const sources = FILES.map(({ path }) => path).filter((path) => path.endsWith(".ts"));

  run(copy, bin("tsc"), "-p", ".");
  run(copy, bin("biome"), "check", "--vcs-enabled=false", ...sources);

  const contract = ["--test-reporter=tap", "--test-name-pattern=acme", ...CONTRACT];
  const report = run(copy, process.execPath, "--import", "tsx", "--test", ...contract);
  for (const part of [
    "idle: it alone recognises the advertisement",
    "a bit may flip once in any byte",
    "payload ends early",
  ]) {
    assert.match(report, new RegExp(`^ +ok \\d+ - .*${part}[^#]*$`, "m"));
  }

  const advertisement = { id: "page", name: "A1-0042", services: ["ac00"], manufacturerData: {}, rssi: -61 };
  writeFileSync(join(copy, "advertisements.json"), JSON.stringify([{ ...advertisement, addressPrefix: null }]));
  const recognised = run(
    copy,
    process.execPath,
    "--import",
    "tsx",
    "scripts/tools/recognise.ts",
    "advertisements.json",
  );
  assert.deepEqual(JSON.parse(recognised), {
    id: "page",
    kind: "acme",
    confidence: "certain",
    why: "service AC00 and name A1-*",
  });
});
