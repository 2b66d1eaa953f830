import { setImmediate as nextTurn } from "node:timers/promises";
import type { HostKey } from "../../common/hosts/host-key.ts";
import { orAborted } from "../../common/runtime/abort.ts";
import { type Clock, within } from "../../common/runtime/clock.ts";
import { EndpointError } from "../../common/wire/endpoint.ts";
import { isPassing, loadZeromq, receiveAll } from "../../common/wire/zeromq.ts";
import { decodeRequest, encodeAnswer, MAX_PAIRING_BYTES } from "./messages.ts";
import type { Registrar } from "./registrar.ts";

/** The socket on which `bmsctl pair` waits for a host. */
export interface PairingListener {
  /** Resolves when a host has joined, or with the reason why none did. @throws the signal's reason */
  joined(withinMs: number): Promise<"joined" | "expired" | "wrong codes">;
  /** Resolves when the host has reported its trial, or when it has not in time. @throws the signal's reason */
  tried(withinMs: number): Promise<void>;
  /** Waits for clients to take their answers and hang up, at most 3 s: ZeroMQ drops what it has not sent yet. */
  close(): Promise<void>;
}

export interface ListenerDeps {
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** Connections that wait to be accepted. */
const BACKLOG = 16;
/** A handshake over a bad link takes seconds. */
const HANDSHAKE_MS = 30_000;
/** Time for the last answer to be taken. */
const LINGER_MS = 3_000;

const NEVER = new AbortController().signal;

/** Listens on all addresses of this machine. Only a client that knows the aggregator's key gets an answer. @throws {EndpointError} */
export async function openPairingListener(
  port: number,
  { secretKey }: HostKey,
  registrar: Registrar,
  { clock, stop }: ListenerDeps,
): Promise<PairingListener> {
  const { Router } = loadZeromq();
  const socket = new Router({
    curveServer: true,
    curveSecretKey: secretKey,
    ipv6: true,
    linger: 0,
    backlog: BACKLOG,
    maxMessageSize: MAX_PAIRING_BYTES,
    receiveHighWaterMark: 4,
    handshakeInterval: HANDSHAKE_MS,
  });
  try {
    await socket.bind(`tcp://*:${port}`);
  } catch (error) {
    socket.close();
    const { code } = error as NodeJS.ErrnoException;
    throw new EndpointError(`cannot listen on port ${port} (${code}): choose another one with --pairing-port`, {
      cause: error,
    });
  }
  let announce = () => {};
  let change = nextChange();
  let clients = 0;
  socket.events.on("accept", () => {
    clients += 1;
  });
  socket.events.on("disconnect", () => {
    clients -= 1;
    announceChange();
  });
  const serving = receiveAll(socket, async (route, message, ...more) => {
    const answer = registrar.answer(message && more.length === 0 ? decodeRequest(message) : undefined);
    await send([route ?? "", encodeAnswer(answer)]);
    announceChange();
  });
  serving.catch(() => {});

  function announceChange() {
    const announceThis = announce;
    change = nextChange();
    announceThis();
  }
  function nextChange() {
    return new Promise<void>((resolve) => {
      announce = resolve;
    });
  }
  async function send(frames: readonly (Uint8Array | string)[]) {
    try {
      await socket.send([...frames]);
    } catch (error) {
      // A client that has gone gets no answer.
      if (!socket.closed && !isPassing(error)) throw error;
    }
  }
  /** Waits until `isDone`; false if that takes longer. */
  async function until(isDone: () => boolean, withinMs: number, signal = stop): Promise<boolean> {
    const end = clock.monotonic() + withinMs;
    while (!isDone()) {
      const left = end - clock.monotonic();
      if (left <= 0) return false;
      await orAborted(signal, within(clock, left, Promise.race([change, serving])));
    }
    return true;
  }
  return {
    async joined(withinMs) {
      const isDone = await until(() => registrar.joined !== undefined || registrar.isEnded, withinMs);
      if (registrar.joined) return "joined";
      return isDone ? "wrong codes" : "expired";
    },
    async tried(withinMs) {
      await until(() => registrar.isReached !== undefined, withinMs);
    },
    async close() {
      // The events of connections come by a socket of their own.
      await nextTurn();
      await until(() => clients <= 0, LINGER_MS, NEVER);
      socket.close();
    },
  };
}
