// Modules shipped beside the bundles: native code, and the JavaScript that loads it.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fetchPackage, type LockedPackage } from "./registry.ts";

export type DebianArchitecture = "amd64" | "arm64";
type NodeArchitecture = "x64" | "arm64";

/** Debian's name of an architecture → Node's. */
export const NODE_ARCHITECTURE: Readonly<Record<DebianArchitecture, NodeArchitecture>> = {
  amd64: "x64",
  arm64: "arm64",
};

export const isDebianArchitecture = (word: string): word is DebianArchitecture => word in NODE_ARCHITECTURE;

/** Node's name of this machine's architecture; x64 where no package exists for it. */
export const nodeArchitecture = (): NodeArchitecture => (process.arch === "arm64" ? "arm64" : "x64");

/** The addon of zeromq for Node 22 and later with glibc: it uses N-API only. */
const ZEROMQ_ABI = "glibc-127-Release";

/** Package → its files and folders that a program needs on this architecture. */
function shipped(arch: NodeArchitecture): Readonly<Record<string, readonly string[]>> {
  return {
    zeromq: ["package.json", "lib", `build/linux/${arch}/node/${ZEROMQ_ABI}/addon.node`],
    "cmake-ts": ["package.json", "build/loader.js"],
    [`@koromix/koffi-linux-${arch}`]: ["package.json", "index.js", `linux_${arch}/koffi.node`],
    "@abandonware/noble": ["package.json", "index.js", "with-bindings.js", "lib"],
    debug: ["package.json", "src/index.js", "src/node.js", "src/common.js"],
    ms: ["package.json", "index.js"],
  };
}

/** Names of the packages shipped beside the bundles. */
export function shippedModules(arch: NodeArchitecture): string[] {
  return Object.keys(shipped(arch));
}

/** Left out of a copied folder: types, maps, and noble's bindings for other systems. */
const UNWANTED = /\.(d\.ts|map|tsbuildinfo)$|\/lib\/(mac|win|websocket|webbluetooth|distributed|ts3\.7)(\/|$)/;

/** Copies the modules from `nodeModules`; a native package that npm installed for another architecture only, from the registry. */
export async function copyModules(nodeModules: string, debianArch: DebianArchitecture, to: string): Promise<void> {
  const arch = NODE_ARCHITECTURE[debianArch];
  for (const [name, paths] of Object.entries(shipped(arch))) {
    const from = name.startsWith("@koromix/")
      ? await fetchPackage(await lockedPackage(nodeModules, name))
      : join(nodeModules, name);
    for (const path of paths) {
      const target = join(to, name, path);
      await mkdir(dirname(target), { recursive: true });
      await cp(join(from, path), target, { recursive: true, filter: (source) => !UNWANTED.test(source) });
    }
  }
  await writeManifest(nodeModules, arch, to);
}

/** Reduces zeromq's manifest to the shipped addon: zeromq tries every entry and warns about each missing file. */
async function writeManifest(nodeModules: string, arch: NodeArchitecture, to: string): Promise<void> {
  const manifest: Record<string, string> = JSON.parse(
    await readFile(join(nodeModules, "zeromq/build/manifest.json"), "utf8"),
  );
  const addon = `linux/${arch}/node/${ZEROMQ_ABI}/addon.node`;
  const entries = Object.entries(manifest).filter(([, path]) => path === addon);
  if (entries.length !== 1) throw new Error(`zeromq's manifest names ${addon} ${entries.length} times, expected once`);
  await writeFile(join(to, "zeromq/build/manifest.json"), JSON.stringify(Object.fromEntries(entries)));
}

async function lockedPackage(nodeModules: string, name: string): Promise<LockedPackage> {
  const lock: { packages: Record<string, { version: string; integrity: string } | undefined> } = JSON.parse(
    await readFile(join(nodeModules, "../package-lock.json"), "utf8"),
  );
  const locked = lock.packages[`node_modules/${name}`];
  if (!locked) throw new Error(`package-lock.json has no ${name}`);
  return { name, version: locked.version, integrity: locked.integrity };
}
