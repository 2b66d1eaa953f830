// Whose work is in the shipped programs, and under which licence.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/** The packages that stand behind the inputs of a bundle, by folder: `node_modules/commander/lib/x.js` → `commander`. */
export function packagesOf(inputs) {
  const names = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** One section per package: name, version, licence, source, and its licence texts as they came. */
export async function thirdPartyNotices(nodeModules, names) {
  const sections = await Promise.all([...names].sort().map((name) => section(join(nodeModules, name))));
  return `This program contains the work of others:\n\n${sections.join("\n")}`;
}

async function section(folder) {
  const { name, version, license, repository, homepage } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const source = (repository?.url ?? repository ?? homepage ?? "").replace(/^git\+/, "");
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const head = `${"=".repeat(80)}\n${name} ${version} (${license})${source ? `\nSource: ${source}` : ""}\n`;
  return [head, ...texts.map((text) => `${text.trim()}\n`)].join("\n");
}
