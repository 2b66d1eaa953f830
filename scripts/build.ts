// Writes dist/: one file per program, with source maps. `--if-stale` does nothing when dist/ is newer than every source.
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { BuildOptions, Metafile } from "esbuild";
import { packagesOf, thirdPartyNotices } from "./licences.ts";
import { nodeArchitecture, shippedModules } from "./package/native-modules.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

/** Program in dist/ → its entry file. An entry that is absent is left out: an installation may omit the simulator. */
const PROGRAMS = Object.entries({
  "bms-agent": "agent/main.ts",
  "bms-aggregator": "aggregator/main.ts",
  "bms-viewer": "viewer/main.ts",
  bmsctl: "control/main.ts",
  simulator: "simulator/main.ts",
  demo: "simulator/demo/main.ts",
}).filter(([, entry]) => existsSync(join(root, entry)));
const SOURCES = ["agent", "aggregator", "common", "control", "simulator", "viewer", "scripts", "package-lock.json"];
/** Native code and the modules that load it: these stay in node_modules. */
const EXTERNAL = ["zeromq", "@abandonware/noble/lib/hci-socket/*", "@abandonware/bluetooth-hci-socket", "koffi"];

/** The files of the page beside its script and style sheet. */
const PAGE = join(root, "viewer/page");
const PAGE_FILES = ["index.html", "icon.svg"];

/** For the browsers of the last five years. */
const PAGE_BUILD: BuildOptions = {
  entryPoints: { page: join(PAGE, "main.ts") },
  bundle: true,
  minify: true,
  platform: "browser",
  target: ["chrome92", "firefox92", "safari15"],
  format: "esm",
  legalComments: "none",
  logLevel: "warning",
};

/** Time of the newest modification below a path, in ms; 0 where the path does not exist. */
async function newest(path: string): Promise<number> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  const inside = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))));
  return Math.max(0, ...inside);
}

async function isStale(): Promise<boolean> {
  const sources = await Promise.all(SOURCES.map((path) => newest(join(root, path))));
  const built = [...PROGRAMS.map(([name]) => `${name}.js`), "page/page.js"];
  const programs = await Promise.all(built.map((file) => newest(join(dist, file))));
  return Math.min(...programs) < Math.max(...sources);
}

/** Notices for the packages bundled into the shipped programs and the page, and for those shipped beside them. */
async function shippedNotices(...metafiles: readonly Metafile[]): Promise<string> {
  const outputs = metafiles.flatMap((metafile) => Object.entries(metafile.outputs));
  const bundles = outputs.filter(([file]) => /(bms[a-z-]+|page)\.(js|css)$/.test(file));
  const inputs = bundles.flatMap(([, { inputs }]) => Object.keys(inputs));
  // koffi's licence covers its binaries, which are packages of their own.
  const beside = shippedModules(nodeArchitecture()).filter((name) => !name.startsWith("@koromix/"));
  return thirdPartyNotices(join(root, "node_modules"), new Set([...packagesOf(inputs), ...beside]));
}

if (!process.argv.includes("--if-stale") || (await isStale())) {
  const { build } = await import("esbuild");
  // Built in a temporary folder and renamed into place: a program that starts meanwhile reads a complete file.
  const temporary = join(dist, `.build-${process.pid}`);
  await mkdir(join(temporary, "page"), { recursive: true });
  await mkdir(join(dist, "page"), { recursive: true });
  try {
    const { metafile } = await build({
      entryPoints: PROGRAMS.map(([out, entry]) => ({ out, in: join(root, entry) })),
      outdir: temporary,
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "esm",
      sourcemap: true,
      metafile: true,
      external: EXTERNAL,
      logLevel: "warning",
      // First a handler of SIGUSR1, without which the signal opens Node's debugger. Then the check of Node's version. Then: bundled CommonJS packages call require for Node's own modules, which an
      // ES module does not have.
      banner: {
        js: `#!/usr/bin/env node\nprocess.on("SIGUSR1", () => {});\n${await readFile(join(root, "scripts/require-node.js"), "utf8")}import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);`,
      },
    });
    const page = await build({ ...PAGE_BUILD, outdir: join(temporary, "page"), metafile: true });
    await Promise.all(PAGE_FILES.map((file) => copyFile(join(PAGE, file), join(temporary, "page", file))));
    await writeFile(join(temporary, "THIRD-PARTY-NOTICES.txt"), await shippedNotices(metafile, page.metafile));
    for (const [name] of PROGRAMS) await chmod(join(temporary, `${name}.js`), 0o755);
    for (const file of await readdir(temporary, { recursive: true, withFileTypes: true })) {
      const path = join(relative(temporary, file.parentPath), file.name);
      if (file.isFile()) await rename(join(temporary, path), join(dist, path));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
