import { loadLibc } from "../runtime/libc.ts";

/**
 * Sends one message to systemd as a datagram. Never waits: it fails while systemd does not read and its queue is full.
 * @throws {Error} if the kernel refuses it
 */
export type SendNotice = (message: string) => void;

/**
 * Opens a sender of datagrams to the unix socket at `path` (`@` begins an abstract name).
 *
 * @throws {Error} if koffi has no binary for this machine
 */
export async function openNotifySocket(path: string): Promise<SendNotice> {
  const libc = await loadLibc();
  if ("failure" in libc) throw new Error(libc.failure.message);
  const send = libc.value.datagramSender(path);
  if ("failure" in send) throw new Error(send.failure.message);
  return (message) => {
    const sent = send.value(message);
    if ("failure" in sent) throw new Error(sent.failure.message);
  };
}
