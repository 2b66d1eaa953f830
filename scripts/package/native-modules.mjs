// What is shipped beside the bundles: native code, and JavaScript that loads it by itself.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fetchPackage } from "./registry.mjs";

/** Debian's word for an architecture → Node's. */
export const NODE_ARCH = { amd64: "x64", arm64: "arm64" };

/** The addon of zeromq for Node 22 and glibc. */
const ZEROMQ_ABI = "glibc-127-Release";

/** Package → the files and folders of it that a program needs on this architecture. */
function shipped(arch) {
  return {
    zeromq: ["package.json", "lib", `build/linux/${arch}/node/${ZEROMQ_ABI}/addon.node`],
    "cmake-ts": ["package.json", "build/loader.js"],
    koffi: ["package.json", "index.js", "src/koffi/index.js", "src/koffi/src/static.js"],
    [`@koromix/koffi-linux-${arch}`]: ["package.json", "index.js", `linux_${arch}/koffi.node`],
    "@abandonware/noble": ["package.json", "index.js", "with-bindings.js", "lib"],
    debug: ["package.json", "src/index.js", "src/node.js", "src/common.js"],
    ms: ["package.json", "index.js"],
  };
}

/** Names of the packages that are shipped beside the bundles. */
export function shippedModules(arch) {
  return Object.keys(shipped(arch));
}

/** Left out of a copied folder: types, maps, and noble's bindings for other systems. */
const UNWANTED = /\.(d\.ts|map|tsbuildinfo)$|\/lib\/(mac|win|websocket|webbluetooth|distributed|ts3\.7)(\/|$)/;

/** Copies them from `nodeModules`, or from the registry where npm has installed another architecture's binary. */
export async function copyModules(nodeModules, debianArch, to) {
  const arch = NODE_ARCH[debianArch];
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

/** zeromq tries every addon that its manifest lists and complains about each that is not there. */
async function writeManifest(nodeModules, arch, to) {
  const manifest = JSON.parse(await readFile(join(nodeModules, "zeromq/build/manifest.json"), "utf8"));
  const addon = `linux/${arch}/node/${ZEROMQ_ABI}/addon.node`;
  const entries = Object.entries(manifest).filter(([, path]) => path === addon);
  if (entries.length !== 1) throw new Error(`zeromq's manifest names ${addon} ${entries.length} times`);
  await writeFile(join(to, "zeromq/build/manifest.json"), JSON.stringify(Object.fromEntries(entries)));
}

async function lockedPackage(nodeModules, name) {
  const lock = JSON.parse(await readFile(join(nodeModules, "../package-lock.json"), "utf8"));
  const { version, integrity } = lock.packages[`node_modules/${name}`];
  return { name, version, integrity };
}
