import { type LibcFailure, loadLibc } from "../runtime/libc.ts";

/** Sends one message to systemd, or returns why that failed, such as a full queue that systemd does not read. Never waits. */
export type SendNotice = (message: string) => LibcFailure | undefined;

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
    return "failure" in sent ? sent.failure : undefined;
  };
}
