import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Programs that are started on the host, each with the Debian package that brings it. */
export type HostTools = Readonly<Record<string, string>>;

/** The last three compile raw HCI. */
const NEEDED: HostTools = {
  "qemu-system-x86_64": "qemu-system-x86",
  dpkg: "dpkg",
  "apt-get": "apt",
  "g++": "g++",
  make: "make",
  python3: "python3",
};

/**
 * Makes sure of the host's programs: installs what is missing where the user is root and the host has apt.
 * @throws {Error} one sentence that names what is missing and how to get it
 */
export function ensureHostTools(say: (line: string) => void, further: HostTools = {}): void {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `the lab needs Linux on x64, as its machine runs Debian's amd64 packages; this is ${process.platform} on ${process.arch}`,
    );
  }
  const missing = Object.entries({ ...NEEDED, ...further }).filter(([program]) => !onPath(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  const command = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!onPath("apt-get")) throw new Error(`the lab needs ${packages.join(", ")} and a Debian host`);
  if (process.getuid?.() !== 0) throw new Error(`the lab needs ${packages.join(", ")}: run "${command}" as root`);
  say(`installing ${packages.join(", ")}`);
  refreshPackageLists();
  execFileSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

/** Fetches apt's lists where the user may. */
export function refreshPackageLists(): void {
  if (process.getuid?.() === 0) execFileSync("apt-get", ["update", "-q"], { stdio: ["ignore", "ignore", "inherit"] });
}

export function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
