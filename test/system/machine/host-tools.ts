import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that the host needs, each with its Debian package. The last three compile raw HCI's native part. */
const NEEDED: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  mmdebstrap: "mmdebstrap",
  cpio: "cpio",
  mke2fs: "e2fsprogs",
  "apt-get": "apt",
  "g++": "g++",
  make: "make",
  python3: "python3",
};

/**
 * Installs the missing programs of the host.
 * @throws {Error} where the host is not Debian on x64 or the user is not root, with the remedy
 */
export function ensureHostTools(log: (line: string) => void): void {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `this suite needs Linux on x64, as its machine runs Debian's amd64 packages; this is ${process.platform} on ${process.arch}`,
    );
  }
  if (process.getuid?.() !== 0) throw new Error("this suite makes a Debian root for its machine: run it as root");
  const missing = Object.entries(NEEDED).filter(([program]) => !isOnPath(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  if (!isOnPath("apt-get")) throw new Error(`this suite needs ${packages.join(", ")} and a Debian host`);
  log(`installing ${packages.join(", ")}`);
  refreshPackageLists();
  execFileSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

export function refreshPackageLists(): void {
  execFileSync("apt-get", ["update", "-q"], { stdio: ["ignore", "ignore", "inherit"] });
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
