/** Sends one message to systemd as a datagram. @throws {Error} if the kernel refuses it */
export type SendNotice = (message: string) => void;

// Values of Linux' <sys/socket.h>, the same on every architecture that Node runs on.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/**
 * Opens a sender of datagrams to the unix socket at `path` (`@` begins an abstract name). Node has no unix datagram sockets,
 * so libc is called through koffi, which costs 0.8 MB and is loaded only here.
 *
 * @throws {Error} if koffi has no binary for this machine
 */
export async function openNotifySocket(path: string): Promise<SendNotice> {
  const { default: koffi } = await import("koffi");
  const libc = koffi.load(null);
  const socket = libc.func("int socket(int domain, int type, int protocol)");
  const sendto = libc.func(
    "intptr_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *to, uint32_t toLength)",
  );
  const fd: number = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const to = socketAddress(path);
  return (message) => {
    const data = Buffer.from(message);
    if (Number(sendto(fd, data, data.length, MSG_NOSIGNAL, to, to.length)) !== data.length) {
      throw new Error(`sending to ${path} failed with errno ${koffi.errno()}`);
    }
  };
}

/** A `struct sockaddr_un`. An abstract name begins with a NUL and has no NUL at its end. */
function socketAddress(path: string): Buffer {
  const family = Buffer.alloc(2);
  new Uint16Array(family.buffer, family.byteOffset, 1)[0] = AF_UNIX;
  const name = path.startsWith("@") ? `\0${path.slice(1)}` : `${path}\0`;
  return Buffer.concat([family, Buffer.from(name)]);
}
