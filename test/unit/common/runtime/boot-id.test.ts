import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bootId } from "../../../../common/runtime/boot-id.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const ID = "0123456789abcdef0123456789abcdef";
const OTHER = "fedcba98-7654-3210-fedc-ba9876543210";

test("the boot is identified by systemd's specifier, or by the kernel, in one form", async (t) => {
  const path = join(await temporaryFolder(t), "boot_id");
  writeFileSync(path, `${OTHER}\n`);
  assert.equal(bootId({ BMS_BOOT_ID: ID }, path), ID);
  assert.equal(bootId({}, path), OTHER.replaceAll("-", ""));
});

test("a boot that cannot be identified is like no other", async (t) => {
  const folder = await temporaryFolder(t);
  assert.equal(bootId({}, join(folder, "missing")), undefined);
  assert.equal(bootId({ BMS_BOOT_ID: "%b" }, join(folder, "missing")), undefined);
});
