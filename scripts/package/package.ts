// Writes dist/bms_VERSION_ARCH.deb for amd64 and arm64, on a machine of either. Needs npm and nfpm; compiles nothing. The names of
// the files go to stdout, the progress to stderr.
import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { debianChangelog } from "./changelog.ts";
import { copyModules, type DebianArchitecture } from "./native-modules.ts";
import { findNfpm } from "./nfpm.ts";
import { fetchNode } from "./node.ts";
import { parsePackageOptions } from "./options.ts";

const root = join(import.meta.dirname, "../..");
const project: { version: string; author: string } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const options = parsePackageOptions(process.argv.slice(2), { version: project.version, out: join(root, "dist") });

/** Prints what is done now. */
function progress(text: string): void {
  process.stderr.write(`package: ${text} …\n`);
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}${stdout}`);
  return stdout.trim();
}

/** Time of every file in the package, in seconds since the epoch: the same sources give the same package. */
function sourceDate(): string {
  const { SOURCE_DATE_EPOCH } = process.env;
  return SOURCE_DATE_EPOCH ?? run("git", ["log", "-1", "--format=%ct"]);
}

/** Gives every file and folder the modes of a package, whatever the umask of the checkout was. */
async function setModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

/** Fills `stage` with what nfpm.yaml takes from there. */
async function fillStage(stage: string, arch: DebianArchitecture): Promise<void> {
  const lib = join(stage, "lib");
  progress(`${arch}: fetching native modules and Node`);
  await copyModules(join(root, "node_modules"), arch, join(lib, "node_modules"));
  // Without this file Node would read the bundles as CommonJS.
  await writeFile(join(lib, "package.json"), '{ "type": "module" }\n');
  const node = await fetchNode(arch);
  await cp(join(node, "bin/node"), join(lib, "node"));
  await cp(join(node, "LICENSE"), join(stage, "LICENSE.node"));
  await cp(join(root, "dist/page"), join(lib, "page"), { recursive: true, filter: (file) => !file.endsWith(".map") });
  await mkdir(join(lib, "lib"));
  for (const file of await readdir(join(root, "dist/lib"))) {
    if (/^bms.*\.js$/.test(file)) await cp(join(root, "dist/lib", file), join(lib, "lib", file));
  }
  await setModes(lib);
  await chmod(join(lib, "node"), 0o755);
  for (const folder of ["dashboards", "docs"]) {
    await cp(join(root, folder), join(stage, folder), { recursive: true });
    await setModes(join(stage, folder));
  }

  const changelog = debianChangelog(await readFile(join(root, "CHANGELOG.md"), "utf8"), "bms", project.author);
  await writeFile(join(stage, "changelog.gz"), gzipSync(changelog, { level: 9 }));
  for (const page of (await readdir(join(root, "dist/manual"))).filter((file) => file.endsWith(".1"))) {
    const text = await readFile(join(root, "dist/manual", page));
    await writeFile(join(stage, `${basename(page)}.gz`), gzipSync(text, { level: 9 }));
  }
}

async function makePackage(arch: DebianArchitecture): Promise<string> {
  const stage = await mkdtemp(join(tmpdir(), "bms-package-"));
  try {
    await fillStage(stage, arch);
    progress(`${arch}: compressing with ${options.compression}, the longest step`);
    const contents = await readFile(join(root, "scripts/package/nfpm.yaml"), "utf8");
    const config = join(stage, "nfpm.yaml");
    await writeFile(config, contents.replace("compression: xz", `compression: ${options.compression}`));
    const file = join(options.out, `bms_${options.version}_${arch}.deb`);
    run(findNfpm(), ["package", "--config", config, "--packager", "deb", "--target", file], {
      ARCH: arch,
      VERSION: options.version,
      MAINTAINER: project.author,
      STAGE: stage,
      SOURCE_DATE_EPOCH: sourceDate(),
    });
    return file;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

try {
  progress("writing the manual");
  run(process.execPath, ["--import", "tsx", "scripts/generate/manual.ts"]);
  await mkdir(options.out, { recursive: true });
  for (const arch of options.arch) process.stdout.write(`${await makePackage(arch)}\n`);
} catch (error) {
  process.stderr.write(`package: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
