// Licence notices of the third-party packages in the shipped programs.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const LICENCE_FILE = /^(licence|license|copying|notice)/i;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository?: string | { readonly url: string };
  readonly homepage?: string;
}

/** Names of the packages that a bundle's input files belong to: `node_modules/commander/lib/x.js` → `commander`. */
export function packagesOf(inputs: readonly string[]): Set<string> {
  const names = inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** One section per package, sorted by name: name, version, licence, source, and its licence texts unchanged. */
export async function thirdPartyNotices(nodeModules: string, names: Iterable<string>): Promise<string> {
  const sections = await Promise.all([...names].sort().map((name) => section(join(nodeModules, name))));
  return `This program contains the work of others:\n\n${sections.join("\n")}`;
}

async function section(folder: string): Promise<string> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const { name, version, license, repository, homepage } = manifest;
  const url = typeof repository === "object" ? repository.url : (repository ?? homepage ?? "");
  const source = url.replace(/^git\+/, "");
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const head = `${"=".repeat(80)}\n${name} ${version} (${license})${source ? `\nSource: ${source}` : ""}\n`;
  return [head, ...texts.map((text) => `${text.trim()}\n`)].join("\n");
}
