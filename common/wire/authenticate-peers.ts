import { lstatSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { trustEndpoint } from "./endpoint-trust.ts";
import { loadZeromq, receiveAll } from "./zeromq.ts";

/** The other side of a connection. */
export interface Peer {
  readonly address: string;
  /** Its public CURVE key, 32 bytes; absent on a connection that is not encrypted. */
  readonly key?: Uint8Array | undefined;
}

/**
 * Judges the peer of each new connection. ZeroMQ closes the connection to one that is refused; a link tries again. The answer
 * must not wait: libzmq 4.3.5 aborts the process (stream_engine_base.cpp, `_mechanism != NULL`) when it comes after the
 * connection was replaced.
 */
export type JudgePeer = (peer: Peer) => "trusted" | "refused";

/** The judgement of the peers of one socket. */
export interface Authentication {
  /** For the socket. Without a domain ZeroMQ does not ask. */
  readonly zapDomain: string;
  /** From here on ZeroMQ asks. */
  readonly ready: Promise<void>;
  end(): void;
}

/** The address at which ZeroMQ asks for the judgement of a peer, before it sends anything (ZAP, RFC 27). One handler serves a process. */
const NOTHING: Uint8Array = new Uint8Array();
const ZAP_ENDPOINT = "inproc://zeromq.zap.01";

const judges = new Map<string, JudgePeer>();
let domains = 0;
let handler: { readonly ready: Promise<void>; close(): void } | undefined;

export function authenticatePeers(judge: JudgePeer): Authentication {
  domains += 1;
  const zapDomain = `link-${domains}`;
  judges.set(zapDomain, judge);
  handler ??= openHandler();
  return {
    zapDomain,
    ready: handler.ready,
    end() {
      judges.delete(zapDomain);
      if (judges.size > 0) return;
      handler?.close();
      handler = undefined;
    },
  };
}

function openHandler(): NonNullable<typeof handler> {
  const { Router } = loadZeromq();
  const socket = new Router({ linger: 0 });

  async function bind() {
    while (!socket.closed) {
      try {
        return await socket.bind(ZAP_ENDPOINT);
      } catch (error) {
        // The handler before this one is still closing.
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
        await nextTurn();
      }
    }
  }
  const answerAll = () =>
    receiveAll(socket, async (route = NOTHING, _, version = NOTHING, request = NOTHING, domain, address, ...more) => {
      const [, mechanism, credential] = more;
      const key = textOf(mechanism) === "CURVE" ? credential : undefined;
      const verdict = judges.get(textOf(domain))?.({ address: textOf(address), key });
      const status = verdict === "trusted" ? "200" : "400";
      await socket.send([route, "", version, request, status, "", "", ""]);
    });
  function rethrowUnlessClosed(error: unknown) {
    if (!socket.closed) throw error;
  }
  const ready = bind();
  void ready.then(answerAll).catch(rethrowUnlessClosed);
  return { ready, close: () => socket.close() };
}

function textOf(frame: Uint8Array = NOTHING): string {
  return Buffer.from(frame).toString();
}

/**
 * Reason for not trusting the listener of a socket; undefined if it is trusted. ZeroMQ ends the address of a peer on a unix socket with
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
