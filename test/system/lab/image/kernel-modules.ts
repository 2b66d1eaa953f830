import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The files of the named kernel modules and of all they depend on, in an order in which they can be inserted.
 * A module names what it needs in its `.modinfo` section, as `depends=a,b`; `modules.builtin` lists those that are part
 * of the kernel and need no file.
 * @throws {Error} where the folder holds no such module
 */
export function modulesInOrder(folder: string, names: readonly string[]): string[] {
  const files = new Map(moduleFiles(folder).map((path) => [moduleName(path), path]));
  const builtIn = new Set(readFileSync(join(folder, "modules.builtin"), "utf8").split("\n").map(moduleName));
  const order = new Set<string>();
  const visit = (wanted: string) => {
    const name = wanted.replaceAll("-", "_");
    if (builtIn.has(name)) return;
    const path = files.get(name);
    if (!path) throw new Error(`the kernel package has no module ${name} in ${folder}`);
    if (order.has(path)) return;
    for (const needed of dependencies(readFileSync(path))) visit(needed);
    order.add(path);
  };
  for (const name of names) visit(name);
  return [...order];
}

function moduleFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return moduleFiles(path);
    return entry.name.endsWith(".ko") ? [path] : [];
  });
}

function moduleName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1, -".ko".length).replaceAll("-", "_");
}

function dependencies(module: Buffer): string[] {
  const start = module.indexOf("\0depends=");
  if (start < 0) return [];
  const text = module.subarray(start + "\0depends=".length, module.indexOf(0, start + 1)).toString("latin1");
  return text.split(",").filter((name) => name !== "");
}
