import { connect, type Socket } from "node:net";
import { orAborted } from "../../../common/runtime/abort.ts";
import type { Clock } from "../../../common/runtime/clock.ts";

/**
 * The holder's side of the queue for a lease, on the socket of its lock. A waiter connects and sends how many
 * milliseconds it has waited already; the holder acknowledges with an empty line at once, and on release sends each
 * waiter its rank, longest wait first, and hangs up. It hangs up at once on a connection that sends more than that line.
 */
export interface WaitQueue {
  add(waiter: Socket): void;
  /** Sends all waiters their ranks. */
  release(): void;
}

/** `joined` is called with each waiter. */
export function createWaitQueue(clock: Clock, joined: () => void = () => {}): WaitQueue {
  /** Start of the wait, on this process's monotonic clock. */
  const waiting = new Map<Socket, number>();
  return {
    add(waiter) {
      const joinedAtMs = clock.monotonic();
      waiting.set(waiter, joinedAtMs);
      joined();
      waiter.on("error", () => {});
      waiter.once("close", () => waiting.delete(waiter));
      readLines(waiter, 1, (waitedMs) => {
        waiting.set(waiter, joinedAtMs - (Number(waitedMs) || 0));
        waiter.write("\n");
      });
    },
    release() {
      const longestFirst = [...waiting].sort(([, a], [, b]) => a - b);
      for (const [rank, [waiter]] of longestFirst.entries()) waiter.end(`${rank}\n`, () => waiter.destroy());
    },
  };
}

/**
 * Errors of a connection to a holder that has left, or that does not listen yet. ECONNRESET: it left before it acknowledged.
 * EAGAIN: its kernel queue is full.
 */
const NOT_LISTENING: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EACCES", "EAGAIN"]);

/** The waiter's side: a connection to a holder, which may run, be frozen, or die meanwhile. */
export interface Waiter {
  readonly socket: Socket;
  /** True when the holder acknowledges within `ms`, as every running process does. */
  isAcknowledged(ms: number): Promise<boolean>;
  /**
   * Our rank among the waiters, from 0; 0 as well when the holder died without sending one, and 1 when it refused us.
   * Undefined when the lease is still held after `ms`.
   */
  released(ms: number, signal: AbortSignal): Promise<number | undefined>;
}

/** Joins the queue at a holder's socket; undefined when nothing listens there. */
export function joinQueue(path: string, waitedMs: number, clock: Clock): Promise<Waiter | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    /** Of the rank. A holder with too many waiters hangs up without an acknowledgement: it is tried again after a step. */
    let lastLine = "1";
    const acknowledged = new Promise<true>((acknowledge) => {
      readLines(socket, 2, (line) => {
        lastLine = line;
        acknowledge(true);
      });
    });
    const rank = new Promise<number>((closed) => socket.once("close", () => closed(Number(lastLine) || 0)));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (NOT_LISTENING.has(error.code ?? "")) resolve(undefined);
      else reject(error);
    });
    socket.once("connect", () => {
      socket.write(`${waitedMs}\n`);
      resolve({
        socket,
        isAcknowledged: async (ms) => (await within(ms, acknowledged, clock)) ?? false,
        released: (ms, signal) => orAborted(signal, within(ms, rank, clock)),
      });
    });
  });
}

/** The outcome of `work`, or undefined when it takes longer than `ms`. */
async function within<T>(ms: number, work: Promise<T>, clock: Clock): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([
      work,
      clock.sleep(ms, done.signal).then(
        () => undefined,
        () => undefined,
      ),
    ]);
  } finally {
    done.abort();
  }
}

/** Lines of this protocol hold a number at most. */
const LONGEST_LINE = 32;

/** Hangs up on a peer that sends more lines, or a longer one. */
function readLines(socket: Socket, most: number, onLine: (line: string) => void): void {
  let open = "";
  let count = 0;
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (open + chunk).split("\n");
    open = lines.pop() ?? "";
    for (const line of lines.slice(0, most - count)) onLine(line);
    count += lines.length;
    if (count > most || open.length > LONGEST_LINE) socket.destroy();
  });
}
