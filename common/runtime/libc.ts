import { createRequire } from "node:module";
import { getSystemErrorName } from "node:util";

/**
 * Calls of libc that Node does not offer, through koffi, which costs memory and is loaded with the first call of `loadLibc`.
 * No call waits. Each result is the value or the failure, so that no caller forgets that koffi has no binary for every
 * computer and that a service manager may refuse a system call.
 */
export interface Libc {
  /** Locks an open file against other processes (flock(2)), until it is closed. Fails with EAGAIN while it is locked. */
  flock(fd: number, mode: "exclusive" | "shared"): LibcResult<undefined>;
  /** Opens a sender of datagrams to the unix socket at `path`; `@` begins an abstract name. */
  datagramSender(path: string): LibcResult<SendDatagram>;
  /**
   * Reads the kernel's bound of its clock's error, ms: 16 s until a time service such as timesyncd, chrony or ntpd has set
   * the clock (adjtimex(2)). `ProtectClock=` in a systemd unit refuses it with EPERM.
   */
  clockErrorMs(): LibcResult<number>;
}

/** Sends one datagram. Fails with EAGAIN while the receiver's queue is full. */
export type SendDatagram = (message: string) => LibcResult<undefined>;

export interface LibcFailure {
  /** Such as EAGAIN; ENOSYS where koffi has no binary for this computer. */
  readonly code: string;
  /** For the operator: which call, and why it failed. */
  readonly message: string;
}

export type LibcResult<T> = { readonly value: T } | { readonly failure: LibcFailure };

type Koffi = typeof import("koffi").default;

let loaded: Promise<LibcResult<Libc>> | undefined;

export function loadLibc(): Promise<LibcResult<Libc>> {
  loaded ??= importLibc(async () => loadEngine());
  return loaded;
}

/** The package with koffi's engine for this computer. koffi's own loader imports parts of Node that cost 1 MB of memory. */
function loadEngine(): Koffi {
  return createRequire(import.meta.url)(`@koromix/koffi-${process.platform}-${process.arch}`);
}

export async function importLibc(importKoffi: () => Promise<Koffi>): Promise<LibcResult<Libc>> {
  try {
    return { value: bind(await importKoffi()) };
  } catch (error) {
    const [why] = (error as Error).message.split("\n");
    return { failure: { code: "ENOSYS", message: `koffi has no binary for this computer (${why})` } };
  }
}

// Values of Linux' headers, the same on every architecture that Node runs on.
const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** More than any `struct timex`. */
const TIMEX_BYTES = 256;

function bind(koffi: Koffi): Libc {
  const libc = koffi.load(null);
  const flock = libc.func("int flock(int fd, int operation)");
  const socket = libc.func("int socket(int domain, int type, int protocol)");
  const sendto = libc.func(
    "intptr_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *to, uint32_t toLength)",
  );
  const adjtimex = libc.func("int adjtimex(_Inout_ uint8_t *timex)");
  // The fields of `struct timex` before `status` are longs, the first after an unsigned int.
  const longBytes = koffi.sizeof("long");
  const readLong = (timex: Buffer, index: number) =>
    longBytes === 8 ? Number(timex.readBigInt64LE(8 * index)) : timex.readInt32LE(4 * index);

  const failed = (call: string): { readonly failure: LibcFailure } => {
    const code = getSystemErrorName(-koffi.errno());
    return { failure: { code, message: `${call} failed with ${code}` } };
  };
  return {
    flock(fd, mode) {
      const operation = (mode === "exclusive" ? LOCK_EX : LOCK_SH) | LOCK_NB;
      return flock(fd, operation) === 0 ? { value: undefined } : failed("flock");
    },
    datagramSender(path) {
      const fd: number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (fd < 0) return failed("socket");
      const to = socketAddress(path);
      const send: SendDatagram = (message) => {
        const data = Buffer.from(message);
        const sent = Number(sendto(fd, data, data.length, MSG_NOSIGNAL | MSG_DONTWAIT, to, to.length));
        return sent === data.length ? { value: undefined } : failed(`sendto ${path}`);
      };
      return { value: send };
    },
    clockErrorMs() {
      const timex = Buffer.alloc(TIMEX_BYTES);
      if (adjtimex(timex) < 0) return failed("adjtimex");
      return { value: readLong(timex, 3) / 1000 };
    },
  };
}

/** A `struct sockaddr_un`. An abstract name begins with a NUL and has no NUL at its end. */
function socketAddress(path: string): Buffer {
  const family = Buffer.alloc(2);
  new Uint16Array(family.buffer, family.byteOffset, 1)[0] = AF_UNIX;
  const name = path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`;
  return Buffer.concat([family, Buffer.from(name)]);
}
