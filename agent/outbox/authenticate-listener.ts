import { lstatSync } from "node:fs";
import { trustEndpoint } from "../../common/wire/endpoint-trust.ts";

/** Where ZeroMQ asks whether a peer may be talked to (ZAP, RFC 27), within one context. */
export const ZAP_ENDPOINT = "inproc://zeromq.zap.01";

/** A REP socket. */
interface ReplySocket extends AsyncIterable<readonly Uint8Array[]> {
  send(frames: Array<Uint8Array | string>): Promise<void>;
}

/**
 * Answers ZeroMQ's questions about the program that listens at the endpoint, with each connection and before anything is
 * sent to it. `refusalOf` returns why it is refused; ZeroMQ then closes the connection and tries again. Ends when the handler
 * is closed.
 */
export async function authenticateListeners(
  handler: ReplySocket,
  refusalOf: (peerAddress: string) => Promise<string | undefined>,
): Promise<void> {
  for await (const [version = "", request = "", , peerAddress] of handler) {
    const refusal = await refusalOf(Buffer.from(peerAddress ?? "").toString());
    await handler.send([version, request, refusal === undefined ? "200" : "400", "", "", ""]);
  }
}

/**
 * Why the listener of a socket is not trusted; undefined if it is. ZeroMQ ends the address of a peer on a unix socket with
 * `:UID:GID:PID` of the process that listens, as the kernel recorded it (SO_PEERCRED); elsewhere the socket's owner counts.
 */
export function listenerFault(path: string, uid: number, peerAddress: string): string | undefined {
  const trust = trustEndpoint(path, uid);
  if ("fault" in trust) return trust.fault;
  const [, peer] = /:(\d+):\d+:\d+$/.exec(peerAddress) ?? [];
  const owner = peer === undefined ? lstatSync(path, { throwIfNoEntry: false })?.uid : Number(peer);
  if (owner === undefined || trust.listeners.has(owner)) return undefined;
  return `the program that listens on ${path} runs as another user (uid ${owner})`;
}
