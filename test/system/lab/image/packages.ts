import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { refreshPackageLists } from "./host-tools.ts";

/** Debian packages whose programs the machine runs; their libraries are found by apt. */
export const PROGRAM_PACKAGES = [
  "bluez",
  "dbus-daemon",
  "dbus-bin",
  "dbus-system-bus-common",
  "busybox-static",
] as const;
const KERNEL_META_PACKAGE = "linux-image-amd64";

export interface Unpacked {
  /** The files of all packages but the kernel's, in one tree. */
  readonly programs: string;
  readonly kernel: string;
  /** As in `uname -r`. */
  readonly kernelVersion: string;
  /** Names of the package files, which carry the versions. */
  readonly packages: readonly string[];
}

/**
 * Downloads the packages with the host's apt sources and unpacks them below `folder`; installs nothing.
 * @throws {Error} where apt knows no such packages
 */
export function unpackPackages(folder: string): Unpacked {
  rmSync(folder, { recursive: true, force: true });
  const [downloads, programs, kernel] = ["debs", "programs", "kernel"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [downloads, programs, kernel]) mkdirSync(path, { recursive: true });
  if (!findKernelPackage()) refreshPackageLists();
  const kernelPackage = findKernelPackage();
  if (!kernelPackage) throw new Error(`apt knows no package ${KERNEL_META_PACKAGE}: run "apt-get update" as root`);
  download(downloads, [kernelPackage, ...PROGRAM_PACKAGES, ...libraryPackages()]);
  const packages = readdirSync(downloads).filter((name) => name.endsWith(".deb"));
  for (const name of packages) {
    const target = name.startsWith(`${kernelPackage}_`) ? kernel : programs;
    execFileSync("dpkg", ["-x", join(downloads, name), target]);
  }
  return { programs, kernel, kernelVersion: kernelPackage.slice("linux-image-".length), packages };
}

function findKernelPackage(): string | undefined {
  return aptCache(["depends", KERNEL_META_PACKAGE]).match(/Depends: (linux-image-\d\S+)/)?.[1];
}

function libraryPackages(): string[] {
  const all = aptCache(["depends", "--important", "--recurse", ...PROGRAM_PACKAGES]).split("\n");
  // Debian's default init brings libsystemd0; elogind's stand-in has the same files.
  return [...new Set(all.filter((name) => /^lib[\w.+-]+$/.test(name) && !/elogind|perl/.test(name)))];
}

/** Empty where apt-cache fails, as it does for packages that it does not know. */
function aptCache(args: readonly string[]): string {
  return spawnSync("apt-cache", args, { encoding: "utf8", maxBuffer: 1 << 26 }).stdout ?? "";
}

function download(folder: string, packages: readonly string[]): void {
  const fetch = () =>
    execFileSync("apt-get", ["download", "-q", ...packages], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  try {
    fetch();
  } catch {
    // Lists that are older than the mirror name versions that it no longer has.
    refreshPackageLists();
    fetch();
  }
}
