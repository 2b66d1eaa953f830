import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import {
  ARCHITECTURES,
  type Architecture,
  filesIn,
  makePackage,
  modeOf,
  NATIVE,
  onPath,
  output,
  packageOf,
  tree,
} from "./packages.ts";

/** `e_machine` of an ELF file. */
const MACHINE: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

test("two builds of the same sources give the same bytes, whatever the umask", () => {
  const out = mkdtempSync(join(tmpdir(), "bms-package-again-"));
  try {
    assert.equal(digest(makePackage(NATIVE, out, "077")), digest(packageOf(NATIVE)));
  } finally {
    rmSync(out, { recursive: true });
  }
});

for (const arch of ARCHITECTURES) {
  const root = tree(arch);

  test(`${arch}: contains what the units and the manual refer to`, () => {
    const files = filesIn(root);
    for (const path of [
      "usr/bin/bms-agent",
      "usr/bin/bms-aggregator",
      "usr/bin/bms-viewer",
      "usr/bin/bmsctl",
      "usr/lib/bms/node",
      "usr/lib/bms/page/index.html",
      "usr/lib/bms/page/page.js",
      "usr/lib/systemd/system/bms.target",
      "usr/lib/systemd/system/bms-viewer.socket",
      "usr/lib/systemd/system/bms-settings-watch.service",
      "usr/lib/systemd/system/bms-settings-watch.timer",
      "usr/lib/systemd/system-generators/bms-viewer",
      "usr/lib/systemd/system/telegraf.service.d/bms.conf",
      "usr/lib/sysusers.d/bms.conf",
      "usr/lib/tmpfiles.d/bms.conf",
      "usr/share/dbus-1/system.d/bms.conf",
      "usr/share/bms/telegraf/battery.conf",
      "usr/share/bms/telegraf/site.conf",
      "usr/share/bms/nats/centre.conf",
      "usr/share/bms/nats/cluster.conf",
      "usr/share/bms/nats/readings.json",
      "usr/share/bms/nats/service.conf",
      "usr/share/bms/drop-ins/raw-hci.conf",
      "usr/share/bms/drop-ins/aggregator-without-jit.conf",
      "usr/share/bms/drop-ins/alerts-network.conf",
      "usr/share/bms/drop-ins/aggregator-network.conf",
      "usr/share/bms/drop-ins/agent-network.conf",
      "usr/share/man/man1/bms-agent.1.gz",
      "usr/share/man/man1/bms-aggregator.1.gz",
      "usr/share/man/man1/bms-viewer.1.gz",
      "usr/share/man/man1/bmsctl.1.gz",
      "usr/share/bash-completion/completions/bmsctl",
      "usr/share/zsh/vendor-completions/_bmsctl",
      "usr/share/fish/vendor_completions.d/bmsctl.fish",
      "usr/share/doc/bms/THIRD-PARTY-NOTICES.txt",
      "usr/share/doc/bms/LICENSE.node",
    ]) {
      assert.ok(files.includes(path), path);
    }
    for (const unit of ["bms-agent@.service", "bms-aggregator.service", "bms-viewer.service"]) {
      const text = readFileSync(join(root, "usr/lib/systemd/system", unit), "utf8");
      const command = /^ExecStart=(.*)$/m.exec(text)?.[1]?.split(" ") ?? [];
      for (const path of command.filter((word) => word.startsWith("/"))) assert.ok(existsSync(join(root, path)), path);
    }
    const conffiles = readFileSync(join(root, "DEBIAN/conffiles"), "utf8").trim().split("\n");
    for (const path of conffiles) assert.ok(existsSync(join(root, path)), path);
    assert.ok(!files.some((path) => /\.(ts|map)$/.test(path)), "sources and maps are left out");
  });

  test(`${arch}: native code is for this architecture only`, () => {
    const native = filesIn(root).filter((path) => /^usr\/lib\/bms\/(.*\.)?node$/.test(path));
    assert.ok(native.length >= 3, native.join());
    for (const path of native) assert.equal(machineOf(join(root, path)), MACHINE[arch], path);
  });

  test(`${arch}: programs are executable, nothing may be written by others`, () => {
    const programs = /^(usr\/bin\/|usr\/lib\/bms\/node$|usr\/lib\/systemd\/system-generators\/|DEBIAN\/(post|pre))/;
    for (const path of filesIn(root)) assert.equal(modeOf(join(root, path)), programs.test(path) ? 0o755 : 0o644, path);
  });
}

test("lintian has no errors and no warnings", { skip: !onPath("lintian") && "NOT SHOWN: lintian is not here" }, () => {
  // Packages of tests are written uncompressed, for speed; those of a release with xz.
  const options = ["--fail-on", "error,warning", "--suppress-tags", "uses-no-compression-for-data-tarball"];
  assert.equal(output("lintian", [...options, "--allow-root", packageOf(NATIVE)]), "");
});

test("dpkg --verify finds a changed file", {
  skip: process.getuid?.() !== 0 && "NOT SHOWN: unpacking needs root",
}, () => {
  const root = mkdtempSync(join(tmpdir(), "bms-verify-"));
  try {
    for (const folder of ["info", "updates"]) mkdirSync(join(root, "var/lib/dpkg", folder), { recursive: true });
    writeFileSync(join(root, "var/lib/dpkg/status"), "");
    output("dpkg", ["--root", root, "--force-depends", "--unpack", packageOf(NATIVE)]);
    assert.equal(verify(root), "");
    writeFileSync(join(root, "usr/bin/bms-agent"), "#!/bin/sh\n");
    assert.match(verify(root), /^..5\S* +\/usr\/bin\/bms-agent$/m);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("the changelog is Debian's format and begins with the version of the package", () => {
  const version = output("dpkg-deb", ["--field", packageOf(NATIVE), "Version"]).trim();
  const text = gunzipSync(readFileSync(join(tree(NATIVE), "usr/share/doc/bms/changelog.gz"))).toString();
  assert.ok(text.startsWith(`bms (${version}) stable; urgency=medium\n`), text.slice(0, 200));
});

test("the maintainer scripts are shell", () => {
  for (const script of ["postinst", "prerm", "postrm"]) output("sh", ["-n", join(tree(NATIVE), "DEBIAN", script)]);
});

test("the package names its dependencies", () => {
  const field = (name: string) => output("dpkg-deb", ["--field", packageOf("arm64"), name]).trim();
  assert.equal(field("Architecture"), "arm64");
  for (const name of ["bluez", "dbus", "libc6", "systemd"]) assert.match(field("Depends"), new RegExp(`\\b${name}\\b`));
});

/** Differences between the unpacked files and their checksums in the package, one a line; dpkg has not placed the conffiles yet. */
function verify(root: string): string {
  const { stdout } = spawnSync("dpkg", ["--root", root, "--verify", "bms"], { encoding: "utf8" });
  return stdout.replace(/^missing +c .*\n/gm, "");
}

function machineOf(file: string): number {
  const head = Buffer.alloc(20);
  readSync(openSync(file, "r"), head, 0, 20, 0);
  assert.equal(head.toString("latin1", 1, 4), "ELF", file);
  return head.readUInt16LE(18);
}
