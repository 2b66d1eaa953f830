import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { LAB_USER } from "../lab-user.ts";
import type { CpioEntry } from "./cpio.ts";
import { modulesInOrder } from "./kernel-modules.ts";
import type { Unpacked } from "./packages.ts";

/**
 * The ciphers of pairing, the device bus of the machine with its shared folder, and Bluetooth with a virtual controller.
 * The random generator goes before all: without it the kernel's ecdh fails its self-test when it is loaded, and then no
 * adapter can pair.
 */
const KERNEL_MODULES = [
  ...["ctr", "sha512_generic", "drbg", "cmac", "ecb", "ecdh_generic"],
  ...["virtio_pci", "9pnet_virtio", "9p", "virtio_rng"],
  ...["bluetooth", "hci_vhci", "uhid", "algif_hash", "algif_skcipher"],
];

/** Program in the machine → file in the unpacked packages. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "bin/busybox": "bin/busybox",
  "usr/bin/hciconfig": "bin/hciconfig",
  "usr/libexec/bluetooth/bluetoothd": "usr/libexec/bluetooth/bluetoothd",
  ...Object.fromEntries(
    ["btmon", "btmgmt", "bluetoothctl", "dbus-daemon", "dbus-send", "dbus-monitor"].map((name) => [
      `usr/bin/${name}`,
      `usr/bin/${name}`,
    ]),
  ),
};

const SETTINGS: Readonly<Record<string, string>> = {
  "usr/share/dbus-1/system.conf": "usr/share/dbus-1/system.conf",
  "etc/dbus-1/system.d/bluetooth.conf": "etc/dbus-1/system.d/bluetooth.conf",
  "etc/bluetooth/main.conf": "etc/bluetooth/main.conf",
};

const TEXT_FILES: Readonly<Record<string, string>> = {
  "etc/passwd": [
    "root:x:0:0:root:/root:/bin/sh",
    "messagebus:x:100:100::/:/bin/false",
    `${LAB_USER.name}:x:${LAB_USER.uid}:${LAB_USER.gid}::/tmp:/bin/sh`,
    "",
  ].join("\n"),
  "etc/group": `root:x:0:\nmessagebus:x:100:\nbluetooth:x:101:\nlp:x:7:\n${LAB_USER.name}:x:${LAB_USER.gid}:\n`,
  "etc/profile": 'air() { node /opt/bms/lab/control.js "$@"; }\n',
  "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
};

const EMPTY_FOLDERS = ["dev", "proc", "sys", "tmp", "run", "root", "share", "sbin", "usr/sbin", "var/lib/bluetooth"];
const LIBRARIES = "lib/x86_64-linux-gnu";
const LOADER = "lib64/ld-linux-x86-64.so.2";

/** Everything in the machine's file system but the project itself. @throws {Error} where a package lacks a file */
export function rootFiles(packages: Unpacked): CpioEntry[] {
  const files = new Map<string, { mode: number; data: Uint8Array }>();
  const add = (path: string, data: Uint8Array | string, mode = 0o644) =>
    files.set(path, { mode, data: typeof data === "string" ? Buffer.from(data) : data });
  const addProgram = (path: string, source: string) => {
    add(path, readFileSync(source), 0o755);
    for (const library of libraries(packages.programs, source)) {
      add(join(LIBRARIES, basename(library)), readFileSync(library), 0o755);
    }
  };

  add("init", readFileSync(join(import.meta.dirname, "init.sh")), 0o755);
  add(LOADER, readFileSync(loader(packages.programs)), 0o755);
  for (const [path, source] of Object.entries(PROGRAMS)) addProgram(path, join(packages.programs, source));
  addProgram("usr/bin/node", realpathSync(process.execPath));
  for (const [path, source] of Object.entries(SETTINGS)) add(path, readFileSync(join(packages.programs, source)));
  for (const [path, text] of Object.entries(TEXT_FILES)) add(path, text);

  const modules = modulesInOrder(join(packages.kernel, "lib/modules", packages.kernelVersion), KERNEL_MODULES);
  for (const path of modules) add(join("lib/modules", basename(path)), readFileSync(path));
  add("etc/modules-in-order", modules.map((path) => `/lib/modules/${basename(path)}\n`).join(""));

  return inFolders(
    [
      ...[...files].map(([path, file]) => ({ kind: "file", path, ...file }) as const),
      // D-Bus libraries look for the system bus below /var/run.
      { kind: "link", path: "var/run", mode: 0o777, target: "/run" },
    ],
    EMPTY_FOLDERS,
  );
}

/** The entries with every folder that they stand in before them. */
export function inFolders(entries: readonly CpioEntry[], emptyFolders: readonly string[] = []): CpioEntry[] {
  const paths = [...entries.map((entry) => entry.path), ...emptyFolders.map((path) => `${path}/.`)];
  const folders = new Set(
    paths.flatMap((path) => {
      const parts = path.split("/").slice(0, -1);
      return parts.map((_, depth) => parts.slice(0, depth + 1).join("/"));
    }),
  );
  return [...[...folders].sort().map((path) => ({ kind: "folder", path, mode: 0o755 }) as const), ...entries];
}

function loader(programs: string): string {
  return join(programs, LIBRARIES, basename(LOADER));
}

/** The shared libraries of a program: the unpacked packages', else the host's. */
function libraries(programs: string, program: string): string[] {
  const search = [join(programs, LIBRARIES), join(programs, "usr", LIBRARIES)].join(":");
  let listing: string;
  try {
    const options = ["--library-path", search, "--list", program];
    listing = execFileSync(loader(programs), options, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return [];
  }
  const missing = listing.match(/^\s*(\S+) => not found/m)?.[1];
  if (missing) throw new Error(`${program} needs ${missing}, which none of the packages brings`);
  return [...listing.matchAll(/=> (\/\S+)/g)].map((match) => match[1] as string);
}
