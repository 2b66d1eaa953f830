import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cachedFolder } from "../lab/image/cached-folder.ts";
import { refreshPackageLists } from "../lab/image/host-tools.ts";

/** A Debian that boots with systemd as its first process. */
export interface Debian {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** What a Raspberry Pi has that runs the system, with its own kernel; bluez and what our package depends on besides. */
const PACKAGES = [
  ...["linux-image-amd64", "systemd", "systemd-sysv", "dbus", "udev", "kmod", "man-db", "bash-completion"],
  ...["bluez", "init-system-helpers", "libstdc++6"],
  ...["victoria-metrics", "adjtimex"],
];
/** What the kernel's first file system needs to find the root: a fifth of what it has by default. */
const DISK_MODULES = ["virtio_pci", "virtio_blk", "ext4"];
/** Files that are laid over Debian's. */
const OVERLAY = join(import.meta.dirname, "root");
const DISK_SIZE = "2500M";

/**
 * A disk with Debian as the host's apt sources have it, from the cache where these sources have made one before. The disk
 * is for copying.
 * @throws {Error} where the host has no Debian sources, or a package cannot be had
 */
export function debianDisk(cache: string, say: (line: string) => void): Debian {
  const folder = cachedFolder({
    cache,
    kind: "debian",
    fingerprint: fingerprint(),
    about: "a disk with Debian",
    make: makeDisk,
    say,
  });
  return { disk: join(folder, "disk"), kernel: join(folder, "vmlinuz"), initrd: join(folder, "initrd") };
}

function makeDisk(work: string): void {
  const root = join(work, "root");
  // apt fetches as a user of its own.
  chmodSync(work, 0o755);
  const sources = debianSources();
  const modules = DISK_MODULES.map((name) => `${name}\\n`).join("");
  const slimInitrd =
    'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"' +
    ' && echo MODULES=list >"$1/etc/initramfs-tools/conf.d/modules"' +
    ` && printf "${modules}" >"$1/usr/share/initramfs-tools/modules.d/disk"`;
  run("mmdebstrap", [
    ...["--quiet", "--variant=minbase", `--include=${PACKAGES.join(",")}`, `--essential-hook=${slimInitrd}`],
    ...[sources.suite, root, ...sources.lines],
  ]);
  run("useradd", ["--root", root, "--system", "--user-group", "--home-dir", "/etc/telegraf", "telegraf"]);
  cpSync(OVERLAY, root, { recursive: true });
  for (const folder of ["share", "opt/proof", "etc/telegraf/telegraf.d"])
    mkdirSync(join(root, folder), { recursive: true });
  run("systemctl", ["--root", root, "--quiet", "enable", "proof", "virtual-adapter"]);
  const version = readdirSync(join(root, "lib/modules"))[0];
  cpSync(join(root, `boot/vmlinuz-${version}`), join(work, "vmlinuz"));
  cpSync(join(root, `boot/initrd.img-${version}`), join(work, "initrd"));
  run("mke2fs", ["-q", "-t", "ext4", "-d", root, join(work, "disk"), DISK_SIZE]);
  rmSync(root, { recursive: true });
}

/** What the host's own apt has of Debian. @throws {Error} where that is nothing */
function debianSources(): { readonly suite: string; readonly lines: readonly string[] } {
  const ask = () =>
    run("apt-get", [
      ...["indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"],
      ...["Created-By: Packages", "Origin: Debian"],
    ]);
  let targets = ask();
  if (targets === "") {
    refreshPackageLists();
    targets = ask();
  }
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (targets === "" || !suite) throw new Error("the machine's root is Debian's, and this host's apt has no Debian");
  return { suite, lines: [...new Set(targets.split("\n"))].map((target) => `deb ${target}`) };
}

/** Changes with everything on this side that goes into the disk; newer packages come when the cache is removed. */
function fingerprint(): string {
  const hash = createHash("sha256").update(readFileSync(import.meta.filename));
  for (const entry of readdirSync(OVERLAY, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    hash.update(path.slice(OVERLAY.length));
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}
