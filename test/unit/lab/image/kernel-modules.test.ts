import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, test } from "node:test";
import { modulesInOrder } from "../../../system/lab/image/kernel-modules.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder of modules, each with the text that its `.modinfo` section holds. */
function moduleFolder(modules: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "modules-"));
  folders.push(folder);
  mkdirSync(join(folder, "kernel"));
  for (const [name, depends] of Object.entries(modules)) {
    writeFileSync(join(folder, "kernel", `${name}.ko`), `\x7fELF\0license=GPL\0depends=${depends}\0name=${name}\0`);
  }
  writeFileSync(join(folder, "modules.builtin"), "kernel/net/unix.ko\nkernel/lib/crc-16.ko\n");
  return folder;
}

test("what a module needs comes before it, once", () => {
  const folder = moduleFolder({ hci_vhci: "bluetooth", bluetooth: "ecdh-generic,crc16", ecdh_generic: "", crc16: "" });
  assert.deepEqual(
    modulesInOrder(folder, ["bluetooth", "hci_vhci"]).map((path) => basename(path)),
    ["ecdh_generic.ko", "crc16.ko", "bluetooth.ko", "hci_vhci.ko"],
  );
});

test("what is part of the kernel needs no file, in either spelling", () => {
  const folder = moduleFolder({ "9p": "crc_16,unix" });
  assert.equal(modulesInOrder(folder, ["9p", "unix"]).length, 1);
});

test("a module that is not there is named", () => {
  assert.throws(() => modulesInOrder(moduleFolder({}), ["bluetooth"]), /no module bluetooth/);
});
