// Writes dist/: one file per program, with source maps. `--if-stale` does nothing when dist/ is newer than every source.
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { packagesOf, thirdPartyNotices } from "./licences.mjs";
import { shippedModules } from "./package/native-modules.mjs";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** Program name in dist/ → entry file. The simulated air is absent where the project is installed without its tests. */
const PROGRAMS = Object.fromEntries(
  Object.entries({
    "bms-agent": "agent/main.ts",
    "bms-aggregator": "aggregator/main.ts",
    air: "simulator/main.ts",
    house: "simulator/house.ts",
  }).filter(([, entry]) => existsSync(join(root, entry))),
);
const SOURCES = ["agent", "aggregator", "common", "control", "simulator", "scripts", "package-lock.json"];
/** Native code and what loads it by itself: stays in node_modules. */
const EXTERNAL = ["zeromq", "@abandonware/noble/lib/hci-socket/*", "@abandonware/bluetooth-hci-socket", "koffi"];

/** Newest modification below a path, in ms; 0 where it does not exist. */
async function newest(path) {
  const info = await stat(path).catch(() => undefined);
  if (!info) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  const inside = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))));
  return Math.max(0, ...inside);
}

/** Oldest program in dist/, in ms; 0 where one is missing. */
async function oldestProgram() {
  const times = await Promise.all(
    Object.keys(PROGRAMS).map((name) =>
      stat(join(dist, `${name}.js`)).then(
        (info) => info.mtimeMs,
        () => 0,
      ),
    ),
  );
  return Math.min(...times);
}

async function isStale() {
  const sources = await Promise.all(SOURCES.map((path) => newest(join(root, path))));
  return (await oldestProgram()) < Math.max(...sources);
}

/** Of what stands in the two programs that are shipped, and of what is shipped beside them. */
async function shippedNotices({ outputs }) {
  const bundles = Object.entries(outputs).filter(([file]) => /bms-[a-z]+\.js$/.test(file));
  const inputs = bundles.flatMap(([, { inputs }]) => Object.keys(inputs));
  // koffi's licence covers its binaries, which are packages of their own.
  const beside = shippedModules(process.arch).filter((name) => !name.startsWith("@koromix/"));
  const names = [...packagesOf(inputs), ...beside];
  return thirdPartyNotices(join(root, "node_modules"), new Set(names));
}

if (!process.argv.includes("--if-stale") || (await isStale())) {
  // Built aside and renamed into place: a program that starts meanwhile reads a whole file, the old or the new one.
  const aside = join(dist, `.build-${process.pid}`);
  await mkdir(aside, { recursive: true });
  try {
    const { metafile } = await build({
      entryPoints: Object.entries(PROGRAMS).map(([out, entry]) => ({ out, in: join(root, entry) })),
      outdir: aside,
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "esm",
      sourcemap: true,
      metafile: true,
      external: EXTERNAL,
      logLevel: "warning",
      // Bundled CommonJS packages call require for Node's own modules, which an ES module does not have.
      banner: {
        js: '#!/usr/bin/env node\nimport { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
      },
    });
    await writeFile(join(aside, "THIRD-PARTY-NOTICES.txt"), await shippedNotices(metafile));
    for (const file of await readdir(aside)) {
      if (file.endsWith(".js")) await chmod(join(aside, file), 0o755);
      await rename(join(aside, file), join(dist, basename(file)));
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
