import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";

export type Architecture = "amd64" | "arm64";

export const ARCHITECTURES: readonly Architecture[] = ["amd64", "arm64"];
export const NATIVE: Architecture = process.arch === "arm64" ? "arm64" : "amd64";

const project = join(import.meta.dirname, "../../..");
/** The folder into which test/system/package/run writes the packages, and unpacks each below its architecture's name. */
const { TEST_PACKAGES: made = "no packages: start these tests with test/system/package/run" } = process.env;

/** The folder with the files of a package. */
export const tree = (arch: Architecture) => join(made, arch);

/** The package itself. @throws {Error} where there is none */
export function packageOf(arch: Architecture): string {
  const name = readdirSync(made).find((file) => file.endsWith(`_${arch}.deb`));
  if (!name) throw new Error(`${made} has no package for ${arch}`);
  return join(made, name);
}

/** Builds a package again, uncompressed, and returns its file. */
export function makePackage(arch: Architecture, out: string, umask: string): string {
  const script = `umask ${umask}; exec node --import tsx scripts/package/package.ts --compression none --arch ${arch} --out "$0"`;
  return output("sh", ["-c", script, out]).trim();
}

/** Every file below a folder, by its path in it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

export const modeOf = (path: string) => statSync(path).mode & 0o7777;

export const onPath = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

/** Runs a command and returns its stdout. @throws {Error} with its output if it fails */
export function output(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: project, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}
