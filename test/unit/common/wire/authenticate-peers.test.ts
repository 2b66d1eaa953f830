import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Router } from "zeromq";
import { listenerFault } from "../../../../common/wire/authenticate-peers.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const uid = process.getuid?.() ?? 0;

test("a listener that runs as another user is not trusted", async (t) => {
  const folder = join(await temporaryFolder(t), "bms");
  await mkdir(folder, { mode: 0o700 });
  const path = join(folder, "readings.sock");
  assert.equal(listenerFault(path, uid, `localhost:${uid}:0:1`), undefined);
  assert.equal(listenerFault(path, uid, "localhost:0:0:1"), undefined);
  const stranger = uid + 1666;
  const fault = `the program that listens on ${path} runs as another user (uid ${stranger})`;
  assert.equal(listenerFault(path, uid, `localhost:${stranger}:0:1`), fault);
});

test("where the kernel does not name the listener, the owner of the socket counts", async (t) => {
  const path = join(await temporaryFolder(t), "readings.sock");
  const router = new Router({ linger: 0 });
  await router.bind(`ipc://${path}`);
  assert.equal(listenerFault(path, uid, "localhost"), undefined);
  router.close();
});
