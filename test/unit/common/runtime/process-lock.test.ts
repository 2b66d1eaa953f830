import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { abstractLocks, listeningNames } from "../../../../common/runtime/abstract-locks.ts";
import { fileLocks, lockDirectory } from "../../../../common/runtime/file-locks.ts";
import { type Locks, lockName } from "../../../../common/runtime/process-lock.ts";
import { realPath } from "../../../../common/runtime/real-path.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const KINDS: ReadonlyArray<readonly [kind: string, make: (t: TestContext) => Promise<Locks>]> = [
  ["abstract sockets", async () => abstractLocks],
  ["lock files", async (t) => fileLocks(join(await temporaryFolder(t), "locks"))],
];

const close = (connection: { destroy(): void }) => connection.destroy();

for (const [kind, make] of KINDS) {
  test(`${kind}: a resource has one holder at a time, and a new one after its release`, async (t) => {
    const locks = await make(t);
    const resource = `test ${randomUUID()}`;
    const first = await locks.exclusive(resource);
    assert.ok(first);
    assert.equal(await locks.exclusive(resource), undefined);
    assert.equal(await locks.queued(resource, close), undefined);
    const other = await locks.exclusive(`${resource}, another`);
    assert.ok(other);
    await first.release();
    const second = await locks.queued(resource, close);
    assert.ok(second);
    assert.equal(await locks.exclusive(resource), undefined);
    await second.release();
    await other.release();
  });

  test(`${kind}: a second release changes nothing, also when the file's number is in use again`, async (t) => {
    const locks = await make(t);
    for (const take of [locks.exclusive, locks.shared, (resource: string) => locks.queued(resource, close)]) {
      const lock = await take(`test ${randomUUID()}`);
      await lock?.release();
      const fd = openSync("/dev/null", "r");
      await lock?.release();
      closeSync(fd);
    }
  });

  test(`${kind}: a hundred processes share a resource, which then nobody holds alone`, async (t) => {
    const locks = await make(t);
    const resource = `test ${randomUUID()}`;
    const alone = await locks.exclusive(resource);
    assert.equal(await locks.shared(resource), undefined);
    await alone?.release();
    const shared = [];
    for (let i = 0; i < 100; i++) shared.push(await locks.shared(resource));
    for (const lock of shared) {
      assert.ok(lock);
      assert.equal(await locks.exclusive(resource), undefined);
      await lock.release();
    }
    await (await locks.exclusive(resource))?.release();
  });

  test(`${kind}: the holder of a queued lock receives its contenders, and nobody listens after the release`, async (t) => {
    const locks = await make(t);
    const resource = `test ${randomUUID()}`;
    const held = await locks.queued(resource, (connection) => connection.end("held"));
    const contender = connect({ path: locks.socketPath(resource) });
    assert.equal(String(await once(contender, "data")), "held");
    contender.destroy();
    await held?.release();
    const [error] = await once(connect({ path: locks.socketPath(resource) }), "error");
    assert.match(error.code, /^(ENOENT|ECONNREFUSED)$/);
  });
}

test("an abstract name ends with its row, whether Node pads it or not and whatever socket is listed next", () => {
  const table = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 1001 @bms-padded@@@@@@@@
0000000000000000: 00000003 00000000 00000000 0001 03 1002
0000000000000000: 00000002 00000000 00010000 0001 01 1003 @bms-exact
0000000000000000: 00000003 00000000 00000000 0001 03 1004
0000000000000000: 00000003 00000000 00000000 0001 03 1005 @bms-connected
0000000000000000: 00000002 00000000 00010000 0001 01 1006 /run/bms/readings.sock
0000000000000000: 00000002 00000000 00010000 0001 01 1007 @bms-last
`;
  assert.deepEqual(listeningNames(table), ["bms-padded", "bms-exact", "bms-last"]);
});

test("the lock of a killed process is free, and its socket is replaced", async (t) => {
  const directory = await temporaryFolder(t);
  const locks = fileLocks(directory);
  const program = join(import.meta.dirname, "../../../support/lease-holder.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, "adapter", "{}", directory]);
  await once(child.stdout, "data");
  assert.equal(await locks.exclusive("lease 0 on adapter"), undefined);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(readdirSync(directory).length, 2);
  const next = await locks.queued("lease 0 on adapter", (connection) => connection.end("held"));
  assert.equal(String(await once(connect({ path: locks.socketPath("lease 0 on adapter") }), "data")), "held");
  await next?.release();
  assert.deepEqual(readdirSync(directory), []);
});

test("files and sockets are for their owner and the group, whatever the umask", async (t) => {
  const directory = join(await temporaryFolder(t), "locks");
  const locks = fileLocks(directory);
  for (const umask of [0o000, 0o077]) {
    const before = process.umask(umask);
    const held = await locks.queued("adapter", close);
    process.umask(before);
    const mode = (path: string) => statSync(path).mode & 0o7777;
    assert.equal(mode(directory), 0o2770);
    assert.equal(mode(join(directory, lockName("adapter"))), 0o660);
    assert.equal(mode(locks.socketPath("adapter")), 0o660);
    await held?.release();
  }
});

test("where nothing can be locked the error is one sentence with the remedy", async (t) => {
  const folder = await temporaryFolder(t);
  const missing = fileLocks(join(folder, "bms/locks")).exclusive("adapter");
  await assert.rejects(missing, {
    name: "LockError",
    message: `nothing can be locked in ${folder}/bms/locks (ENOENT): create ${folder}/bms with systemd-tmpfiles --create bms.conf`,
  });
  const failure = { code: "ENOSYS", message: "koffi has no binary for this computer (…)" };
  await assert.rejects(fileLocks(folder, async () => ({ failure })).exclusive("adapter"), {
    name: "LockError",
    message: `nothing can be locked in ${folder}: koffi has no binary for this computer (…); reinstall the package, or run npm ci where bms runs from a clone`,
  });
});

test("a directory is locked by itself, for one holder at a time, and nothing is written to it", async (t) => {
  const directory = await temporaryFolder(t);
  const first = await lockDirectory(directory);
  assert.ok(first);
  assert.equal(await lockDirectory(directory), undefined);
  assert.deepEqual(readdirSync(directory), []);
  await first.release();
  const second = await lockDirectory(directory);
  await first.release();
  assert.equal(await lockDirectory(directory), undefined);
  await second?.release();
  await assert.rejects(lockDirectory(join(directory, "missing")), { code: "ENOENT" });
  const failure = { code: "ENOSYS", message: "koffi has no binary for this computer (…)" };
  await assert.rejects(
    lockDirectory(directory, async () => ({ failure })),
    { name: "LockError" },
  );
});

test("a link in place of a lock file is not followed", async (t) => {
  const folder = await temporaryFolder(t);
  writeFileSync(join(folder, "precious"), "");
  symlinkSync(join(folder, "precious"), join(folder, lockName("adapter")));
  await assert.rejects(fileLocks(folder).exclusive("adapter"), { name: "LockError", message: /\(ELOOP\)/ });
});

test("a path has one name, whatever links lead to it and whatever is missing", async (t) => {
  const folder = realPath(await temporaryFolder(t));
  symlinkSync(folder, join(folder, "link"));
  assert.equal(realPath(join(folder, "link/missing/spool")), join(folder, "missing/spool"));
  assert.equal(realPath(join(folder, "link")), folder);
});
