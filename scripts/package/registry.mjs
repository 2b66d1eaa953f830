// Packages of the registry that npm ci does not install: another architecture's binaries, and Node itself.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const cache = join(import.meta.dirname, "../../.cache/registry");

/**
 * The folder of an unpacked package, kept between runs. `files` limits what is unpacked.
 * @throws {Error} where the registry gives something else than `integrity` (sha512) names
 */
export async function fetchPackage({ name, version, integrity, files = [] }) {
  const folder = join(cache, `${name.replace("/", "+")}-${version}`);
  if (await stat(folder).catch(() => undefined)) return folder;
  await mkdir(cache, { recursive: true });
  const workshop = await mkdtemp(join(cache, "fetch-"));
  try {
    // Away from the project: its .npmrc and lock are not meant for this.
    const [packed] = JSON.parse(run("npm", ["pack", "--json", "--silent", `${name}@${version}`], workshop));
    const tarball = join(workshop, packed.filename);
    const found = `sha512-${createHash("sha512")
      .update(await readFile(tarball))
      .digest("base64")}`;
    if (found !== integrity) throw new Error(`${name}@${version} is not what was expected: ${found}`);
    run("tar", ["-xzf", tarball, "-C", workshop, ...files.map((file) => `package/${file}`)], workshop);
    await rename(join(workshop, "package"), folder).catch(unlessThere);
    return folder;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Another run has fetched the same meanwhile. */
function unlessThere(error) {
  if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
}

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return stdout;
}
