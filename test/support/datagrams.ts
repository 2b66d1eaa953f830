import assert from "node:assert/strict";
import koffi from "koffi";

const libc = koffi.load(null);
const socket = libc.func("int socket(int domain, int type, int protocol)");
const bind = libc.func("int bind(int fd, const uint8_t *address, uint32_t length)");
const recv = libc.func("intptr_t recv(int fd, _Out_ uint8_t *data, size_t length, int flags)");
const close = libc.func("int close(int fd)");
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

/** A unix datagram socket, as systemd listens on. */
export interface Datagrams {
  /** Messages since the last call, oldest first. */
  received(): string[];
  close(): void;
}

/** Listens at a path, which must end with a NUL, or at an abstract name, which begins with one. */
export function listenForDatagrams(address: string): Datagrams {
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
