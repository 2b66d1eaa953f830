import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import type { CpioEntry } from "../image/cpio.ts";
import { inFolders } from "../image/root.ts";
import { NATIVE_SOCKET } from "./native-socket.ts";

/** The project on the host. */
export const ROOT = join(import.meta.dirname, "../../../..");
/** Where the project stands in the machine. */
export const GUEST_HOME = "opt/bms";

/** Program of the lab in the machine → entry file. */
const LAB_PROGRAMS = {
  runner: "test/system/lab/guest/main.ts",
  controller: "test/system/lab/controller/main.ts",
  control: "test/system/lab/guest/control-command.ts",
  sabotage: "test/system/lab/guest/sabotage.ts",
  "raw-stranger": "test/system/lab/guest/raw-stranger.ts",
};
/** Packages that serve building native code, or another radio than ours. */
const NOT_NEEDED = /^(node-gyp|@mapbox\/node-pre-gyp|node-addon-api|nan|usb)$/;
const OTHER_SYSTEMS = /\/build\/(darwin|win32|linux\/(?!x64))/;

/** The built programs, the packages that they load, and the lab's own programs, as files of the machine. */
export async function projectFiles(nativeSocket: Uint8Array | undefined): Promise<CpioEntry[]> {
  const files = [
    ...["package.json", "dist"].flatMap((path) => filesBelow(join(ROOT, path))),
    ...[...packageFolders(ROOT)].flatMap(filesBelow),
  ].map((path) => entry(relative(ROOT, path), readFileSync(path)));
  const lab = (await bundlePrograms(LAB_PROGRAMS)).map(({ name, contents }) => entry(`lab/${name}`, contents));
  const native = nativeSocket ? [entry(NATIVE_SOCKET, nativeSocket)] : [];
  return inFolders([...files, ...lab, ...native]);
}

/** One file for each program (name in the machine → entry file), with all that it imports. */
export async function bundlePrograms(programs: Readonly<Record<string, string>>) {
  const { outputFiles } = await build({
    entryPoints: Object.entries(programs).map(([out, path]) => ({ out, in: join(ROOT, path) })),
    outdir: ROOT,
    write: false,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    external: ["@abandonware/*"],
    logLevel: "warning",
  });
  return outputFiles.map(({ path, contents }) => ({ name: relative(ROOT, path), contents }));
}

function entry(path: string, data: Uint8Array): CpioEntry {
  return { kind: "file", path: join(GUEST_HOME, path), mode: path.startsWith("dist/") ? 0o755 : 0o644, data };
}

/** The folders of all packages that the one in `folder` depends on; absent ones were optional. */
function packageFolders(folder: string, found = new Set<string>()): Set<string> {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as Record<string, Record<string, string> | undefined>;
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const needed = join(ROOT, "node_modules", name);
    if (found.has(needed) || NOT_NEEDED.test(name) || !existsSync(needed)) continue;
    found.add(needed);
    packageFolders(needed, found);
  }
  return found;
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (OTHER_SYSTEMS.test(path) || path.endsWith(".map")) return [];
  const inside = readFolder(path);
  return inside ? inside.flatMap((name) => filesBelow(join(path, name))) : [path];
}

function readFolder(path: string): string[] | undefined {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}
