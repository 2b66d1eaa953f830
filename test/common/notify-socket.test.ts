import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import koffi from "koffi";
import { systemClock } from "../../common/clock.ts";
import { connectNotify } from "../../common/notify.ts";
import { openNotifySocket } from "../../common/notify-socket.ts";

const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const bind = libc.func("int bind(int fd, const uint8_t *address, uint32_t length)");
const recv = libc.func("intptr_t recv(int fd, _Out_ uint8_t *data, size_t length, int flags)");
const close = libc.func("int close(int fd)");
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

/** A datagram socket as systemd has it: what arrived there, oldest first. */
function listen(address: string) {
  const fd: number = socket(AF_UNIX, SOCK_DGRAM, 0);
  const bytes = Buffer.from(`\x01\0${address}`);
  assert.equal(bind(fd, bytes, bytes.length), 0, `errno ${koffi.errno()}`);
  return {
    received() {
      const messages: string[] = [];
      const data = Buffer.alloc(4096);
      for (;;) {
        const length = Number(recv(fd, data, data.length, MSG_DONTWAIT));
        if (length < 0) return messages;
        messages.push(data.toString("utf8", 0, length));
      }
    },
    close: () => close(fd),
  };
}

test("messages arrive whole and in order at a path and at an abstract name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-notify-"));
  const name = `bms-test-${randomUUID()}`;
  try {
    for (const [address, path] of [
      [`${folder}/notify\0`, `${folder}/notify`],
      [`\0${name}`, `@${name}`],
    ] as const) {
      const manager = listen(address);
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

test("a manager that is gone is told once and costs nothing more", async () => {
  const warnings: string[] = [];
  const log = { error() {}, warn: (message: string) => warnings.push(message), info() {}, debug() {} };
  const notify = await connectNotify({ NOTIFY_SOCKET: `@bms-test-${randomUUID()}` }, systemClock, log);
  notify.ready();
  notify.status("connected");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^systemd does not hear us: .* errno \d+$/);
});
