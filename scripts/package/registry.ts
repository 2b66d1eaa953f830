// Packages from npm's registry that `npm ci` does not install: another architecture's binaries, and Node itself.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** `sha512-` and the digest of the tarball in base64, as in package-lock.json. */
  readonly integrity: string;
  /** The files to unpack; all of them if absent. */
  readonly files?: readonly string[];
}

const cache = join(import.meta.dirname, "../../.cache/registry");

/**
 * Fetches and unpacks a package, and returns its folder. The folder is kept between runs.
 * @throws {Error} if the tarball does not have the digest in `integrity`
 */
export async function fetchPackage({ name, version, integrity, files = [] }: LockedPackage): Promise<string> {
  const folder = join(cache, `${name.replace("/", "+")}-${version}`);
  if (await stat(folder).catch(() => undefined)) return folder;
  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(cache, "fetch-"));
  try {
    // Outside the project: its .npmrc and lock file do not apply.
    const packed: { filename: string }[] = JSON.parse(
      run("npm", ["pack", "--json", "--silent", `${name}@${version}`], temporary),
    );
    const tarball = join(temporary, packed[0]?.filename ?? "");
    const digest = createHash("sha512")
      .update(await readFile(tarball))
      .digest("base64");
    if (`sha512-${digest}` !== integrity) throw new Error(`${name}@${version} has the digest sha512-${digest}`);
    run("tar", ["-xzf", tarball, "-C", temporary, ...files.map((file) => `package/${file}`)], temporary);
    await rename(join(temporary, "package"), folder).catch(ignoreExisting);
    return folder;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Another run may have fetched the same package meanwhile. */
function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}
