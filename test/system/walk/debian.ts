import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { aptSources } from "../machine/debian.ts";

/** Packages that Debian's installer leaves on a small server. */
const INSTALLED = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "udev",
  "iproute2",
  "sudo",
  "ca-certificates",
  "openssl",
  "curl",
  "procps",
];
/** Packages that the pages install, and our package's dependencies: the machines have no network. */
const INSTALLABLE = [
  ...["bluez", "init-system-helpers", "libstdc++6", "passwd"],
  ...["nats-server", "caddy", "influxdb", "influxdb-client", "victoria-metrics"],
];

/** Folder with `root`, a freshly installed Debian, and `packages`. Made once and kept in the cache. */
export function freshDebian(cache: string, log: (line: string) => void): string {
  const key = createHash("sha256")
    .update(readFileSync(import.meta.filename))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cache, `debian-${key}`);
  if (existsSync(folder)) return folder;
  log(`making ${folder}`);
  const work = join(cache, `making-${process.pid}`);
  try {
    mkdirSync(join(work, "packages"), { recursive: true });
    // apt downloads as another user.
    chmodSync(work, 0o755);
    makeRoot(work);
    for (const old of readdirSync(cache).filter((name) => name.startsWith("debian-"))) {
      rmSync(join(cache, old), { recursive: true });
    }
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function makeRoot(work: string): void {
  const { suite, lines } = aptSources();
  const archives = '"$1"/var/cache/apt/archives';
  const hooks = [
    `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get clean`,
    `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get install --yes -qq --download-only --no-install-recommends ${INSTALLABLE.join(" ")}`,
    `mv ${archives}/*.deb ${work}/packages`,
    // An owner, who may become root.
    'useradd --root "$1" --create-home --shell /bin/bash owner',
    'echo "owner ALL=(ALL) NOPASSWD: ALL" >"$1/etc/sudoers.d/owner"',
    'rm -rf "$1"/etc/apt/sources.list* "$1"/var/lib/apt/lists/* && mkdir "$1/packages"',
    'echo "deb [trusted=yes] file:/packages ./" >"$1/etc/apt/sources.list"',
    'echo "APT::Install-Recommends false;" >"$1/etc/apt/apt.conf.d/90recommends"',
  ];
  execFileSync(
    "mmdebstrap",
    [
      ...["--quiet", "--variant=minbase", `--include=${INSTALLED.join(",")}`],
      // Checks of this repository look at every page below it.
      "--dpkgopt=path-exclude=/usr/share/doc/*",
      ...hooks.map((hook) => `--customize-hook=${hook}`),
      ...[suite, join(work, "root"), ...lines],
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
}

/** Fills a folder with Debian's packages and these, and the index that apt reads. */
export function makeRepository(debian: string, folder: string, further: readonly string[]): void {
  cpSync(join(debian, "packages"), folder, { recursive: true });
  for (const file of further) cpSync(file, join(folder, basename(file)));
  const stanzas = readdirSync(folder)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      const control = execFileSync("dpkg-deb", ["--field", join(folder, name)], { encoding: "utf8" }).trimEnd();
      const digest = createHash("sha256").update(bytes).digest("hex");
      return `${control}\nFilename: ./${name}\nSize: ${bytes.length}\nSHA256: ${digest}\n`;
    });
  writeFileSync(join(folder, "Packages"), stanzas.join("\n"));
}
