import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importLibc, type LibcResult, loadLibc } from "../../../../common/runtime/libc.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

async function libc() {
  return unwrap(await loadLibc());
}

function unwrap<T>(result: LibcResult<T>): T {
  assert.ok("value" in result, JSON.stringify(result));
  return result.value;
}

const code = (result: LibcResult<unknown>) => ("failure" in result ? result.failure.code : undefined);

test("a file has one exclusive lock or any number of shared ones, freed when it is closed", async (t) => {
  const { flock } = await libc();
  const path = join(await temporaryFolder(t), "lock");
  const [first, second, third] = [openSync(path, "w"), openSync(path, "r"), openSync(path, "r")];
  assert.equal(code(flock(first, "exclusive")), undefined);
  assert.equal(code(flock(second, "exclusive")), "EAGAIN");
  assert.equal(code(flock(second, "shared")), "EAGAIN");
  closeSync(first);
  assert.equal(code(flock(second, "shared")), undefined);
  assert.equal(code(flock(third, "shared")), undefined);
  assert.equal(code(flock(third, "exclusive")), "EAGAIN");
  closeSync(second);
  closeSync(third);
});

test("a call that the kernel refuses returns the name of its error", async () => {
  const { flock, datagramSender } = await libc();
  assert.equal(code(flock(-1, "exclusive")), "EBADF");
  const send = unwrap(datagramSender("/nowhere/notify"));
  assert.deepEqual(send("READY=1"), {
    failure: { code: "ENOENT", message: "sendto /nowhere/notify failed with ENOENT" },
  });
});

test("the kernel reports the error of its clock, or a sandbox refuses", async () => {
  const errorMs = (await libc()).clockErrorMs();
  if ("failure" in errorMs) assert.match(errorMs.failure.code, /^(EPERM|ENOSYS)$/);
  else assert.ok(errorMs.value >= 0 && errorMs.value <= 16_000, JSON.stringify(errorMs));
});

test("a computer for which koffi has no binary is a failure with one line", async () => {
  const missing = importLibc(async () => {
    throw new Error("Cannot find the native Koffi module; did you bundle it correctly?\nRequire stack: …");
  });
  assert.deepEqual(await missing, {
    failure: {
      code: "ENOSYS",
      message:
        "koffi has no binary for this computer (Cannot find the native Koffi module; did you bundle it correctly?)",
    },
  });
});
