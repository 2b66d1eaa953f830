// Writes dist/: a file per program, which checks Node and loads the program from dist/lib. What a command does not need is in
// files of its own there, as each process keeps the text of what it loads. `--if-stale` does nothing when dist/ is newer than
// every source.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { BuildOptions, Metafile } from "esbuild";
import { requiredBuiltins, withoutUnusedModules } from "./bundle.ts";
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

/** Each program is a build of its own: files that several share would be many, and each costs time when it is loaded. */
const PROGRAM_BUILD: BuildOptions = {
  bundle: true,
  splitting: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  // Names stay, for the traces of errors. The licences are in THIRD-PARTY-NOTICES.txt.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  legalComments: "none",
  sourcemap: true,
  external: EXTERNAL,
  plugins: [withoutUnusedModules, requiredBuiltins],
  logLevel: "warning",
  // Bundled CommonJS packages call require for Node's own modules, which an ES module does not have.
  banner: {
    js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
  },
};

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

const isLibrary = (path: string) => path.startsWith("lib/");

async function isStale(): Promise<boolean> {
  const sources = await Promise.all(SOURCES.map((path) => newest(join(root, path))));
  const built = [...PROGRAMS.map(([name]) => `${name}.js`), "page/page.js"];
  const programs = await Promise.all(built.map((file) => newest(join(dist, file))));
  return Math.min(...programs) < Math.max(...sources);
}

/** Files that programs of the package load, whenever they do: outputs of the build by their paths. */
function shippedOutputs({ outputs }: Metafile): string[] {
  const reached = new Set(Object.keys(outputs).filter((file) => /\/(bms[a-z-]+|page)\.(js|css)$/.test(file)));
  for (const file of reached) {
    for (const { path, external } of outputs[file]?.imports ?? []) if (!external) reached.add(path);
  }
  return [...reached];
}

/** Notices for the packages bundled into the shipped programs and the page, and for those shipped beside them. */
async function shippedNotices(...metafiles: readonly Metafile[]): Promise<string> {
  const inputs = metafiles.flatMap((metafile) =>
    shippedOutputs(metafile).flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {})),
  );
  // koffi's licence covers its binaries, which are packages of their own.
  const beside = shippedModules(nodeArchitecture()).map((name) => (name.startsWith("@koromix/") ? "koffi" : name));
  return thirdPartyNotices(join(root, "node_modules"), new Set([...packagesOf(inputs), ...beside]));
}

/** First a handler of SIGUSR1, without which the signal opens Node's debugger; then the check of Node's version. */
async function launcherOf(program: string): Promise<string> {
  const check = await readFile(join(root, "scripts/require-node.js"), "utf8");
  return `#!/usr/bin/env node\nprocess.on("SIGUSR1", () => {});\n${check}import("./lib/${program}.js");\n`;
}

if (!process.argv.includes("--if-stale") || (await isStale())) {
  const { build } = await import("esbuild");
  // Built in a temporary folder and renamed into place: a program that starts meanwhile reads a complete file.
  const temporary = join(dist, `.build-${process.pid}`);
  await mkdir(join(temporary, "page"), { recursive: true });
  await mkdir(join(dist, "page"), { recursive: true });
  await mkdir(join(dist, "lib"), { recursive: true });
  try {
    const built = PROGRAMS.map(([out, entry]) =>
      build({
        ...PROGRAM_BUILD,
        entryPoints: [{ out, in: join(root, entry) }],
        outdir: join(temporary, "lib"),
        chunkNames: `${out}-[name]-[hash]`,
        metafile: true,
      }),
    );
    const metafiles = (await Promise.all(built)).map(({ metafile }) => metafile);
    const page = await build({ ...PAGE_BUILD, outdir: join(temporary, "page"), metafile: true });
    await Promise.all(PAGE_FILES.map((file) => copyFile(join(PAGE, file), join(temporary, "page", file))));
    await writeFile(join(temporary, "THIRD-PARTY-NOTICES.txt"), await shippedNotices(...metafiles, page.metafile));
    for (const [name] of PROGRAMS) {
      await writeFile(join(temporary, `${name}.js`), await launcherOf(name), { mode: 0o755 });
    }
    const files = await readdir(temporary, { recursive: true, withFileTypes: true });
    const paths = files
      .filter((file) => file.isFile())
      .map((file) => join(relative(temporary, file.parentPath), file.name));
    // What a program loads is there before the program.
    for (const path of paths.sort((a, b) => Number(isLibrary(b)) - Number(isLibrary(a)))) {
      await rename(join(temporary, path), join(dist, path));
    }
    const kept = new Set(paths.filter(isLibrary).map((path) => basename(path)));
    for (const file of await readdir(join(dist, "lib"))) if (!kept.has(file)) await rm(join(dist, "lib", file));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
