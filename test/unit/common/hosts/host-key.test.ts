import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createHostKey, readHostKey } from "../../../../common/hosts/host-key.ts";
import { UsageError } from "../../../../common/runtime/usage-error.ts";

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "host-key-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("a key is made for its owner alone, and read again", (t) => {
  const file = join(scratch(t), "host.key");
  assert.equal(readHostKey(file), undefined);
  const key = createHostKey(file);
  assert.deepEqual(readHostKey(file), key);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(file, "utf8"), `${key.secretKey}\n`);
});

test("a key that exists stays, and nothing is left beside it", (t) => {
  const directory = scratch(t);
  const file = join(directory, "host.key");
  const key = createHostKey(file);
  assert.deepEqual(createHostKey(file), key);
  assert.deepEqual(readdirSync(directory), ["host.key"]);
});

test("an empty credential is no key; an empty file is not filled", (t) => {
  const file = join(scratch(t), "host.key");
  writeFileSync(file, "\n");
  assert.equal(readHostKey(file), undefined);
  assert.throws(() => createHostKey(file), UsageError);
});

test("a damaged key is an error that does not show it", (t) => {
  const file = join(scratch(t), "host.key");
  const { secretKey } = createHostKey(file);
  for (const text of [secretKey.slice(1), `${secretKey.slice(1)}~`, `${secretKey}${secretKey}`, `${secretKey}\nx\n`]) {
    writeFileSync(file, text);
    assert.throws(
      () => readHostKey(file),
      (error: Error) =>
        error instanceof UsageError &&
        /does not hold a key of 40 characters/.test(error.message) &&
        !error.message.includes(secretKey.slice(1, 20)),
    );
  }
});

test("a key that cannot be read", (t) => {
  const directory = scratch(t);
  assert.throws(() => readHostKey(directory), /the host's key .* cannot be read: EISDIR/);
  assert.throws(() => createHostKey(join(directory, "missing/host.key")), /ENOENT/);
});
