// Runs `npm run generate` and fails when a document that it writes changes: the new text is then in place, to be committed.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
/** Folders with documents that are generated whole or in part. */
const FOLDERS = ["dashboards", "docs", "telegraf"];

function contents(): Map<string, string> {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return new Map([...files, join(root, "README.md")].map((file) => [file, readFileSync(file, "utf8")]));
}

const before = contents();
execFileSync("npm", ["run", "--silent", "generate"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
const changed = [...contents()].filter(([file, text]) => before.get(file) !== text);
for (const [file] of changed)
  process.stderr.write(`${relative(root, file)} was out of date and is now generated again\n`);
process.exitCode = changed.length > 0 ? 1 : 0;
