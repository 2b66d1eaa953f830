import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = "node_modules/@abandonware/bluetooth-hci-socket";
/** Where the package looks for what was compiled. */
export const NATIVE_SOCKET = join(PACKAGE, "build/Release/bluetooth_hci_socket.node");

/**
 * The native part of the raw HCI socket, compiled aside so that the project's own installation stays without it;
 * undefined where it cannot be compiled here, which the scenario of raw HCI then reports.
 */
export function buildNativeSocket(root: string, cache: string, say: (line: string) => void): Buffer | undefined {
  const folder = join(cache, `native-${process.version}`);
  const made = join(folder, NATIVE_SOCKET);
  if (!existsSync(made)) {
    say("compiling the native part of raw HCI");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    cpSync(join(root, "package.json"), join(folder, "package.json"));
    cpSync(join(root, PACKAGE), join(folder, PACKAGE), { recursive: true });
    try {
      const rebuild = ["rebuild", "--ignore-scripts=false", "@abandonware/bluetooth-hci-socket"];
      execFileSync("npm", rebuild, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    } catch (error) {
      say(`it cannot be compiled: ${error instanceof Error ? error.message.split("\n").at(-1) : error}`);
      return undefined;
    }
  }
  return readFileSync(made);
}
