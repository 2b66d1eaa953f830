// Writes dist/: one file per program, with source maps. `--if-stale` does nothing when dist/ is newer than every source.
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** Program name in dist/ → entry file. The simulated air is absent where the project is installed without its tests. */
const PROGRAMS = Object.fromEntries(
  Object.entries({
    "bms-agent": "agent/main.ts",
    "bms-aggregator": "aggregator/main.ts",
    air: "test/air/main.ts",
    house: "test/air/house.ts",
  }).filter(([, entry]) => existsSync(join(root, entry))),
);
const SOURCES = ["agent", "aggregator", "common", "test/air", "scripts", "package-lock.json"];
/** Native code and what loads it by itself: stays in node_modules. */
const EXTERNAL = ["zeromq", "@abandonware/noble", "@abandonware/bluetooth-hci-socket", "koffi"];

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

if (!process.argv.includes("--if-stale") || (await isStale())) {
  // Built aside and renamed into place: a program that starts meanwhile reads a whole file, the old or the new one.
  const aside = join(dist, `.build-${process.pid}`);
  await mkdir(aside, { recursive: true });
  try {
    await build({
      entryPoints: Object.entries(PROGRAMS).map(([out, entry]) => ({ out, in: join(root, entry) })),
      outdir: aside,
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "esm",
      sourcemap: true,
      external: EXTERNAL,
      logLevel: "warning",
      // Bundled CommonJS packages call require for Node's own modules, which an ES module does not have.
      banner: {
        js: '#!/usr/bin/env node\nimport { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
      },
    });
    for (const file of await readdir(aside)) {
      if (file.endsWith(".js")) await chmod(join(aside, file), 0o755);
      await rename(join(aside, file), join(dist, basename(file)));
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
