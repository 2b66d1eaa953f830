// Writes dist/bms_VERSION_ARCH.deb for amd64 and arm64, from a machine of either. Needs dpkg-deb and npm; compiles nothing.
//   npm run package -- [--arch amd64|arm64] [--version X] [--compression xz|zstd|gzip|none]
import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { CONFFILES, layOut } from "./layout.ts";
import { copyModules, type DebianArchitecture, NODE_ARCHITECTURE } from "./native-modules.ts";
import { fetchNode } from "./node.ts";

const root = join(import.meta.dirname, "../..");
const project: { version: string; description: string } = JSON.parse(
  await readFile(join(root, "package.json"), "utf8"),
);
const { values } = parseArgs({
  options: {
    arch: { type: "string", multiple: true, default: Object.keys(NODE_ARCHITECTURE) },
    version: { type: "string", default: project.version },
    compression: { type: "string", default: "xz" },
    out: { type: "string", default: join(root, "dist") },
  },
});

function run(command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: "utf8", ...options });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return stdout.trim();
}

/** One time for every file, in seconds since the epoch, so that the same sources make the same package. */
function sourceDate(): string {
  const given = process.env.SOURCE_DATE_EPOCH;
  return given ?? run("git", ["log", "-1", "--format=%ct"]);
}

/** Gives every file one of two modes, whatever the umask of the checkout was. Returns the size of all in KiB. */
async function settleModes(stage: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(stage, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode, size } = await stat(path);
    const runs = entry.isDirectory() || (mode & 0o100 && extname(path) === "");
    await chmod(path, runs ? 0o755 : 0o644);
    if (entry.isFile()) bytes += size;
  }
  return Math.ceil(bytes / 1024);
}

function control(arch: DebianArchitecture, installedKib: number): string {
  return `Package: bms
Version: ${values.version}
Architecture: ${arch}
Maintainer: bms contributors <bms@localhost>
Installed-Size: ${installedKib}
Depends: bluez, dbus, init-system-helpers (>= 1.52), libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 8), passwd, systemd (>= 252)
Suggests: telegraf (>= 1.33)
Section: net
Priority: optional
Description: ${project.description.replace(/:.*/, "")}
 One supervised process per battery monitor reads it over Bluetooth LE; an
 aggregator hands the readings of all to Telegraf. What Telegraf has not taken
 waits on disk.
`;
}

async function makePackage(arch: DebianArchitecture): Promise<string> {
  const stage = await mkdtemp(join(tmpdir(), "bms-package-"));
  try {
    await chmod(stage, 0o755);
    await layOut(root, stage);
    const library = join(stage, "usr/lib/bms");
    await copyModules(join(root, "node_modules"), arch, join(library, "node_modules"));
    const node = await fetchNode(arch);
    await cp(join(node, "bin/node"), join(library, "node"));
    await cp(join(node, "LICENSE"), join(stage, "usr/share/doc/bms/LICENSE.node"));

    const debian = join(stage, "DEBIAN");
    await mkdir(debian);
    await writeFile(join(debian, "control"), control(arch, await settleModes(stage)));
    await writeFile(join(debian, "conffiles"), CONFFILES.map((file) => `${file}\n`).join(""));
    for (const script of await readdir(join(root, "scripts/package/debian"))) {
      await cp(join(root, "scripts/package/debian", script), join(debian, script));
    }
    await settleModes(debian);
    const file = join(values.out, `bms_${values.version}_${arch}.deb`);
    run("dpkg-deb", ["--root-owner-group", `-Z${values.compression}`, "--build", stage, file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: sourceDate() },
    });
    return file;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

run(process.execPath, ["--import", "tsx", "scripts/generate/manual.ts"]);
await mkdir(values.out, { recursive: true });
for (const arch of values.arch) {
  if (arch !== "amd64" && arch !== "arm64") throw new Error(`no package for "${arch}": only for amd64 and arm64`);
  process.stdout.write(`${await makePackage(arch)}\n`);
}
