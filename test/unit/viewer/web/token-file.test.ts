import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Log } from "../../../../common/runtime/log.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { tokenOf } from "../../../../viewer/cli/token.ts";
import { readOrMakeToken } from "../../../../viewer/web/token-file.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("a token is made once, readable by the group, and kept", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "token");
  const token = readOrMakeToken(path, silentLog);
  assert.match(token, /^[\w-]{24}$/);
  assert.equal(statSync(path).mode & 0o777, 0o640);
  assert.equal(readFileSync(path, "utf8"), `${token}\n`);
  assert.equal(readOrMakeToken(path, silentLog), token);
  assert.deepEqual(readdirSync(folder), ["token"]);
  assert.notEqual(readOrMakeToken(join(folder, "other"), silentLog), token);
});

test("a file that everybody can read is reported", async (t) => {
  const path = join(await temporaryFolder(t), "token");
  readOrMakeToken(path, silentLog);
  chmodSync(path, 0o644);
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (line) => warnings.push(line) };
  readOrMakeToken(path, log);
  assert.deepEqual(warnings, [`every user of this machine can read the token: chmod o= ${path}`]);
});

for (const [about, content] of [
  ["empty", ""],
  ["short", "password"],
  ["of two lines", `${"x".repeat(22)}\n${"y".repeat(22)}\n`],
] as const) {
  test(`a token file that is ${about} is refused with a remedy`, async (t) => {
    const path = join(await temporaryFolder(t), "token");
    writeFileSync(path, content);
    assert.throws(() => readOrMakeToken(path, silentLog), {
      name: "UsageError",
      message: /does not hold a token.*remove it/,
    });
  });
}

test("a directory that does not exist is an error with a remedy", () => {
  assert.throws(() => readOrMakeToken("/nonexistent/token", silentLog), /cannot make the token.*give --token-file/);
});

const NO_OPTIONS = { withoutToken: false, tokenFile: undefined, history: undefined };
const deps = (isLoopback: boolean, STATE_DIRECTORY?: string) => ({
  isLoopback,
  env: { STATE_DIRECTORY },
  log: silentLog,
});

test("loopback addresses, and --without-token, ask for no token", () => {
  assert.equal(tokenOf(NO_OPTIONS, deps(true)), undefined);
  assert.equal(tokenOf({ ...NO_OPTIONS, withoutToken: true }, deps(false)), undefined);
});

test("the token is in the named file, else in the state directory, else in that of the history", async (t) => {
  const folder = await temporaryFolder(t);
  const token = tokenOf(NO_OPTIONS, deps(false, folder));
  assert.equal(readFileSync(join(folder, "token"), "utf8").trim(), token);
  assert.equal(tokenOf({ ...NO_OPTIONS, history: folder }, deps(false)), token);
  assert.equal(tokenOf({ ...NO_OPTIONS, tokenFile: join(folder, "token") }, deps(false, "/nonexistent")), token);
  assert.throws(
    () => tokenOf(NO_OPTIONS, deps(false)),
    /needs a token: give --token-file or --history, or --without-token/,
  );
});
