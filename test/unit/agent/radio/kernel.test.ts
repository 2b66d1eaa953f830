import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readKernel } from "../../../../agent/radio/kernel.ts";

/** A root folder with these files. */
async function root(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bms-kernel-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

test("a kernel with an adapter, blocked by a switch", async (t) => {
  const kernel = readKernel(
    await root(t, {
      "sys/class/bluetooth/hci0/rfkill3/soft": "0\n",
      "sys/class/bluetooth/hci0/rfkill3/hard": "1\n",
      "sys/class/bluetooth/hci1/rfkill4/soft": "0\n",
      "sys/class/bluetooth/hci0:64/uevent": "",
      "proc/sys/kernel/tainted": "12289\n",
    }),
  );
  assert.deepEqual(kernel.adapters, ["hci0", "hci1"]);
  assert.equal(kernel.isBlocked("hci0"), true);
  assert.equal(kernel.isBlocked("hci1"), false);
  assert.equal(kernel.hasOopsed, false);
});

test("a kernel that has survived an oops", async (t) => {
  assert.equal(readKernel(await root(t, { "proc/sys/kernel/tainted": "128\n" })).hasOopsed, true);
});

test("a kernel without Bluetooth", async (t) => {
  const kernel = readKernel(await root(t, {}));
  assert.equal(kernel.adapters, undefined);
  assert.equal(kernel.isBlocked("hci0"), false);
});
