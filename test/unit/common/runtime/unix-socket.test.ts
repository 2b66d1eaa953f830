import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { probeSocket } from "../../../../common/runtime/unix-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "bms-probe-"));
after(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

function listen(at: string): Promise<Server> {
  const server = createServer((connection) => connection.destroy());
  return new Promise((resolve) => server.listen(at, () => resolve(server)));
}

test("a socket with a listener has no error", async (t) => {
  const server = await listen(path("open"));
  t.after(() => server.close());
  assert.equal(await probeSocket(path("open")), undefined);
});

test("an absent path, a file and an abandoned socket have different errors", async () => {
  writeFileSync(path("file"), "");
  assert.equal(await probeSocket(path("absent")), "ENOENT");
  assert.equal(await probeSocket(path("file")), "ENOTSOCK");
  const listener = `require("node:net").createServer().listen(${JSON.stringify(path("left"))}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", listener]);
  assert.equal(await probeSocket(path("left")), "ECONNREFUSED");
});
