// The parts of the bundles that cost memory in every process and are not needed there; docs/benchmarks.md has the figures.
import { createRequire } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Loads Node's modules by require, and of each only what is used. An import statement reads every property of such a module,
 * and some of them load others: node:fs alone loads promises, streams and readline, 0.8 MB in each process.
 */
export const requiredBuiltins: Plugin = {
  name: "required-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "required-builtin", sideEffects: false } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "required-builtin" }, ({ path }) => ({ contents: exportsOf(path) }));
  },
};

/** A module that exports what one of Node's does; the bundler drops the lines of the names that nobody imports. */
function exportsOf(builtin: string): string {
  const names = Object.getOwnPropertyNames(createRequire(import.meta.url)(builtin)).filter(
    (name) => /^[A-Za-z]\w*$/.test(name) && !NO_EXPORTS.has(name),
  );
  return [
    `const builtin = require("${builtin}");`,
    "const exported = (name) => builtin[name];",
    "export default builtin;",
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ exported("${name}");`),
  ].join("\n");
}

/** Properties of a function that is a module, and a word that cannot be declared. */
const NO_EXPORTS = new Set(["length", "name", "prototype", "default"]);

/** Package → the modules that it imports for functions that no program calls. */
const UNUSED: Readonly<Record<string, RegExp>> = {
  // Names of services and characteristics, and a log of its own.
  "@abandonware/noble": /^(debug|\.\/(services|characteristics|descriptors)\.json)$/,
  // Commands that are programs of their own.
  commander: /^node:child_process$/,
};

/** A function, so that a package may call it or look values up in it when it is loaded. */
const STAND_IN = "module.exports = function () { return function () {}; };";

export const withoutUnusedModules: Plugin = {
  name: "without-unused-modules",
  setup({ onResolve, onLoad }) {
    for (const [name, filter] of Object.entries(UNUSED)) {
      onResolve({ filter }, ({ path, importer }) =>
        importer.includes(`/node_modules/${name}/`) ? { path, namespace: "unused" } : undefined,
      );
    }
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: STAND_IN }));
  },
};
