import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  ARCHITECTURES,
  type Architecture,
  filesIn,
  makePackage,
  modeOf,
  NATIVE,
  output,
  packageOf,
  tree,
} from "./packages.ts";

/** `e_machine` of an ELF file. */
const MACHINE: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

test("the same sources make the same package, whatever the umask", () => {
  const out = mkdtempSync(join(tmpdir(), "bms-package-again-"));
  try {
    assert.equal(digest(makePackage(NATIVE, out, "077")), digest(packageOf(NATIVE)));
  } finally {
    rmSync(out, { recursive: true });
  }
});

for (const arch of ARCHITECTURES) {
  const root = tree(arch);

  test(`${arch}: everything that the units and the manual speak of is in it`, () => {
    const files = filesIn(root);
    for (const path of [
      "usr/bin/bms-agent",
      "usr/bin/bms-aggregator",
      "usr/lib/bms/node",
      "usr/lib/systemd/system/bms.target",
      "usr/lib/systemd/system/telegraf.service.d/bms.conf",
      "usr/lib/sysusers.d/bms.conf",
      "usr/lib/tmpfiles.d/bms.conf",
      "usr/share/bms/telegraf/battery.conf",
      "usr/share/bms/drop-ins/raw-hci.conf",
      "usr/share/man/man1/bms-agent.1.gz",
      "usr/share/man/man1/bms-aggregator.1.gz",
      "usr/share/bash-completion/completions/bms-agent",
      "usr/share/doc/bms/THIRD-PARTY-NOTICES.txt",
      "usr/share/doc/bms/LICENSE.node",
    ]) {
      assert.ok(files.includes(path), path);
    }
    for (const unit of ["bms-agent@.service", "bms-aggregator.service"]) {
      const text = readFileSync(join(root, "usr/lib/systemd/system", unit), "utf8");
      const command = /^ExecStart=(.*)$/m.exec(text)?.[1]?.split(" ") ?? [];
      for (const path of command.filter((word) => word.startsWith("/"))) assert.ok(existsSync(join(root, path)), path);
    }
    const conffiles = readFileSync(join(root, "DEBIAN/conffiles"), "utf8").trim().split("\n");
    for (const path of conffiles) assert.ok(existsSync(join(root, path)), path);
    assert.ok(!files.some((path) => /\.(ts|map)$/.test(path)), "sources and maps stay at home");
  });

  test(`${arch}: native code is for this architecture only`, () => {
    const native = filesIn(root).filter((path) => /^usr\/lib\/bms\/(.*\.)?node$/.test(path));
    assert.ok(native.length >= 3, native.join());
    for (const path of native) assert.equal(machineOf(join(root, path)), MACHINE[arch], path);
  });

  test(`${arch}: programs are executable, nothing may be written by others`, () => {
    const programs = /^(usr\/bin\/|usr\/lib\/bms\/node$|DEBIAN\/(post|pre))/;
    for (const path of filesIn(root)) assert.equal(modeOf(join(root, path)), programs.test(path) ? 0o755 : 0o644, path);
  });
}

test("the maintainers' scripts are shell", () => {
  for (const script of ["postinst", "prerm", "postrm"]) output("sh", ["-n", join(tree(NATIVE), "DEBIAN", script)]);
});

test("the package names what it needs", () => {
  const field = (name: string) => output("dpkg-deb", ["--field", packageOf("arm64"), name]).trim();
  assert.equal(field("Architecture"), "arm64");
  for (const need of ["bluez", "dbus", "libc6", "systemd"]) assert.match(field("Depends"), new RegExp(`\\b${need}\\b`));
});

function machineOf(file: string): number {
  const head = Buffer.alloc(20);
  readSync(openSync(file, "r"), head, 0, 20, 0);
  assert.equal(head.toString("latin1", 1, 4), "ELF", file);
  return head.readUInt16LE(18);
}
