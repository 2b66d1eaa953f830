import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { connectNotify } from "../../../../common/systemd/notify.ts";
import { openNotifySocket } from "../../../../common/systemd/notify-socket.ts";
import { listenForDatagrams } from "../../../support/datagrams.ts";

test("messages arrive whole and in order at a path and at an abstract name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-notify-"));
  const name = `bms-test-${randomUUID()}`;
  try {
    for (const [address, path] of [
      [`${folder}/notify\0`, `${folder}/notify`],
      [`\0${name}`, `@${name}`],
    ] as const) {
      const manager = listenForDatagrams(address);
      const send = await openNotifySocket(path);
      send("READY=1");
      send("STATUS=21 °C");
      assert.deepEqual(manager.received(), ["READY=1", "STATUS=21 °C"]);
      manager.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the end is reported when the program is stopped", async () => {
  const name = `bms-test-${randomUUID()}`;
  const manager = listenForDatagrams(`\0${name}`);
  const stop = new AbortController();
  await connectNotify({ NOTIFY_SOCKET: `@${name}` }, stop.signal, { clock: systemClock, log: silentLog });
  stop.abort();
  assert.deepEqual(manager.received(), ["STOPPING=1"]);
  manager.close();
});

test("a manager that is gone is logged once and costs nothing more", async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (message: string) => warnings.push(message) };
  const environment = { NOTIFY_SOCKET: `@bms-test-${randomUUID()}` };
  const notify = await connectNotify(environment, new AbortController().signal, { clock: systemClock, log });
  notify.ready();
  notify.status("connected");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^systemd receives no reports: sendto @bms-test-.* failed with ECONNREFUSED$/);
});

test("a manager that does not read stops nothing, and reads the newest state later", { timeout: 30_000 }, async (t) => {
  const name = `bms-test-${randomUUID()}`;
  const manager = listenForDatagrams(`\0${name}`);
  const program = join(import.meta.dirname, "../../../support/notifier.ts");
  const child = spawn(process.execPath, ["--import", "tsx", program, "5000"], {
    env: { ...process.env, NOTIFY_SOCKET: `@${name}` },
  });
  t.after(() => child.kill("SIGKILL"));
  const warnings = text(child.stderr);
  await once(child.stdout, "data");
  const queued = manager.received();
  assert.ok(queued.length < 5001, `${queued.length} of 5001 messages`);
  child.stdin.write("\n");
  await once(child, "exit");
  assert.deepEqual(manager.received(), ["STATUS=the newest"]);
  assert.match(await warnings, /^[^\n]*systemd receives no reports: sendto @bms-test-\S+ failed with EAGAIN\n$/);
  manager.close();
});
