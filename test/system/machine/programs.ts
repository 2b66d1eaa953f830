import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { shippedModules } from "../../../scripts/package/native-modules.ts";

/** The project on the host. */
export const ROOT = join(import.meta.dirname, "../../..");
/** Debian, the native part of raw HCI, and the logs of failed runs; kept from run to run. */
export const CACHE = process.env.XDG_CACHE_HOME
  ? join(process.env.XDG_CACHE_HOME, "bms/machine")
  : join(ROOT, ".cache/machine");

/** Source maps, and the binaries of other systems. */
const NOT_NEEDED = /\/build\/(darwin|win32|linux\/(?!x64))|\.map$/;
const HCI_SOCKET = "node_modules/@abandonware/bluetooth-hci-socket";
const HCI_SOCKET_BINARY = join(HCI_SOCKET, "build/Release/bluetooth_hci_socket.node");

/** Writes one ES module for each program (name → entry file), with all that it imports. */
export async function bundlePrograms(folder: string, programs: Readonly<Record<string, string>>): Promise<void> {
  await build({
    entryPoints: Object.entries(programs).map(([out, path]) => ({ out, in: join(ROOT, path) })),
    outdir: folder,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    external: ["@abandonware/*"],
    logLevel: "warning",
  });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
}

/** Copies the built programs and the packages that they load into a folder, with raw HCI's native part. */
export function copyProject(folder: string, log: (line: string) => void): void {
  const modules = [...shippedModules("x64"), "@abandonware/bluetooth-hci-socket"].map((name) => `node_modules/${name}`);
  for (const path of ["package.json", "dist", ...modules]) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter: (source) => !NOT_NEEDED.test(source) });
  }
  const binary = compileHciSocket(log);
  if (binary) cpSync(binary, join(folder, HCI_SOCKET_BINARY));
}

/**
 * The native part of raw HCI, compiled in the cache so that the project's own installation stays without it. Undefined
 * where it cannot be compiled here, which the scenario of raw HCI then reports.
 */
function compileHciSocket(log: (line: string) => void): string | undefined {
  const folder = join(CACHE, `native-${process.version}`);
  const binary = join(folder, HCI_SOCKET_BINARY);
  if (existsSync(binary)) return binary;
  log("compiling the native part of raw HCI");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of ["package.json", HCI_SOCKET]) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  try {
    const rebuild = ["rebuild", "--ignore-scripts=false", "@abandonware/bluetooth-hci-socket"];
    const modules = join(ROOT, "node_modules");
    const env = { ...process.env, NODE_PATH: modules, PATH: `${modules}/.bin:${process.env.PATH}` };
    execFileSync("npm", rebuild, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
    return binary;
  } catch (error) {
    log(`it cannot be compiled: ${error instanceof Error ? error.message.split("\n").at(-1) : error}`);
    return undefined;
  }
}
