import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { refreshPackageLists } from "./host-tools.ts";

/** One Debian in two forms. */
export interface Debian {
  readonly kernel: string;
  /** A file system of 2.5 GB with systemd as its first process, and the initrd that mounts it. Copy it before use. */
  readonly disk: string;
  readonly diskInitrd: string;
  /** A part of the same files as a cpio archive: an initrd that stays the root. The caller appends `/init`. */
  readonly memoryRoot: string;
}

/**
 * Packages of a Raspberry Pi that runs the system, with its own kernel; bluez and what our package depends on; nftables and
 * conntrack make a router of it.
 */
const PACKAGES = [
  ...["linux-image-amd64", "systemd", "systemd-sysv", "dbus", "udev", "kmod", "iproute2", "man-db", "bash-completion"],
  ...["bluez", "init-system-helpers", "libstdc++6"],
  ...["victoria-metrics", "adjtimex", "nftables", "conntrack"],
];
/** The modules that the disk's initrd needs to find the root: a fifth of Debian's default. */
const DISK_MODULES = ["virtio_pci", "virtio_blk", "ext4"];
/** The modules of the memory root, with those that they depend on: pairing's ciphers, the shared folder, Bluetooth, networks. */
const MEMORY_MODULES = [
  ...["ctr", "sha512_generic", "drbg", "cmac", "ecb", "ecdh_generic", "algif_hash", "algif_skcipher"],
  ...["virtio_pci", "9pnet_virtio", "9p", "virtio_rng"],
  ...["bluetooth", "hci_vhci", "uhid"],
  ...["veth", "sch_netem", "nft_masq", "nft_chain_nat", "nft_ct", "nf_conntrack_netlink"],
];
/** Removed from the memory root, whose every byte the machine copies twice while it boots. */
const LEFT_OUT = [
  ...["boot", "usr/share/man", "usr/share/doc", "usr/share/locale", "usr/share/zoneinfo", "usr/share/bash-completion"],
  ...["usr/lib/systemd", "usr/lib/udev", "var/lib/apt", "var/lib/dpkg", "var/cache"],
  ...["perl", "perl-base", "gconv", "systemd"].map((name) => `usr/lib/x86_64-linux-gnu/${name}`),
  ...["victoria-metrics", "vmagent", "vmalert", "vmauth", "vmbackup", "vmctl", "vmrestore"].map(
    (name) => `usr/bin/${name}`,
  ),
];
/** Files that are laid over Debian's. */
const OVERLAY = join(import.meta.dirname, "root");
const DISK_SIZE = "2500M";

/**
 * Debian as the host's apt sources have it, from the cache where these sources have made it before. Needs root.
 * @throws {Error} where the host has no Debian sources, or a package cannot be downloaded
 */
export function buildDebian(cache: string, log: (line: string) => void): Debian {
  const folder = join(cache, `debian-${fingerprint()}`);
  if (!existsSync(folder)) {
    const startedAt = performance.now();
    log(`making ${folder}`);
    const work = join(cache, `making-${process.pid}`);
    try {
      mkdirSync(work, { recursive: true });
      makeDebian(work);
      for (const old of readdirSync(cache).filter((name) => name.startsWith("debian-"))) {
        rmSync(join(cache, old), { recursive: true });
      }
      renameSync(work, folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    log(`made in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  return {
    kernel: join(folder, "vmlinuz"),
    disk: join(folder, "disk"),
    diskInitrd: join(folder, "initrd"),
    memoryRoot: join(folder, "root.cpio"),
  };
}

function makeDebian(work: string): void {
  const root = join(work, "root");
  // apt downloads as another user.
  chmodSync(work, 0o755);
  const sources = aptSources();
  const modules = DISK_MODULES.map((name) => `${name}\\n`).join("");
  const slimInitrd =
    'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"' +
    ' && echo MODULES=list >"$1/etc/initramfs-tools/conf.d/modules"' +
    ` && printf "${modules}" >"$1/usr/share/initramfs-tools/modules.d/disk"`;
  run("mmdebstrap", [
    ...["--quiet", "--variant=minbase", `--include=${PACKAGES.join(",")}`, `--essential-hook=${slimInitrd}`],
    ...[sources.suite, root, ...sources.lines],
  ]);
  const version = readdirSync(join(root, "lib/modules"))[0] ?? "";
  cpSync(join(root, `boot/vmlinuz-${version}`), join(work, "vmlinuz"));
  cpSync(join(root, `boot/initrd.img-${version}`), join(work, "initrd"));
  makeDisk(root, join(work, "disk"));
  makeMemoryRoot(root, version, join(work, "root.cpio"));
  rmSync(root, { recursive: true });
}

function makeDisk(root: string, disk: string): void {
  run("useradd", ["--root", root, "--system", "--user-group", "--home-dir", "/etc/telegraf", "telegraf"]);
  cpSync(OVERLAY, root, { recursive: true });
  for (const folder of ["share", "opt/test", "etc/telegraf/telegraf.d"])
    mkdirSync(join(root, folder), { recursive: true });
  run("systemctl", ["--root", root, "--quiet", "enable", "test", "virtual-adapter"]);
  run("mke2fs", ["-q", "-t", "ext4", "-d", root, disk, DISK_SIZE]);
}

function makeMemoryRoot(root: string, kernelVersion: string, archive: string): void {
  const modprobe = ["modprobe", "--set-version", kernelVersion, "--all", "--show-depends", ...MEMORY_MODULES];
  const needed = new Set(run("chroot", [root, ...modprobe]).match(/(?<=^insmod )\S+/gm));
  const modules = run("chroot", [root, "find", `/lib/modules/${kernelVersion}/`, "-name", "*.ko"]).split("\n");
  for (const path of [...LEFT_OUT, ...modules.filter((module) => !needed.has(module))]) {
    rmSync(join(root, path), { recursive: true, force: true });
  }
  writeArchive(root, archive);
}

/** Writes everything below a folder into a cpio archive that the kernel unpacks at boot. Archives can be joined. */
export function writeArchive(folder: string, archive: string): void {
  execFileSync("sh", ["-c", "find . | cpio --quiet --create --format=newc"], {
    cwd: folder,
    stdio: ["ignore", openSync(archive, "w"), "inherit"],
  });
}

/** The Debian of the host's own apt. @throws {Error} where it has none */
export function aptSources(): { readonly suite: string; readonly lines: readonly string[] } {
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

/** Changes with everything on this side that goes into the image. Remove the cache to get newer packages. */
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
