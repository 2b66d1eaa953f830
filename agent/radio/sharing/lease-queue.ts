import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { orAborted } from "../../../common/runtime/abort.ts";

/**
 * The queue at a turn's socket. A visitor says for how many milliseconds it has waited already, the holder answers with
 * an empty line at once, and at the end tells each visitor its rank, longest wait first, and hangs up.
 */
export interface Line {
  /** Takes a visitor in. */
  join(visitor: Socket): void;
  /** Tells all their ranks. */
  dismiss(): void;
}

/** `joined` is called with each visitor. */
export function createLine(joined: () => void = () => {}): Line {
  const waiting = new Map<Socket, number>();
  return {
    join(visitor) {
      const came = performance.now();
      waiting.set(visitor, came);
      joined();
      visitor.on("error", () => {});
      visitor.once("close", () => waiting.delete(visitor));
      readLines(visitor, (waitedMs) => {
        waiting.set(visitor, came - (Number(waitedMs) || 0));
        visitor.write("\n");
      });
    },
    dismiss() {
      const eldestFirst = [...waiting].sort(([, a], [, b]) => a - b);
      for (const [rank, [visitor]] of eldestFirst.entries()) visitor.end(`${rank}\n`, () => visitor.destroy());
    },
  };
}

/** A visit to a holder, who may live, be frozen, or die meanwhile. */
export interface Visit {
  readonly socket: Socket;
  /** Whether the holder greets within `ms`. */
  answers(ms: number): Promise<boolean>;
  /** Our rank among those who waited, 0 where the holder died without a word; undefined when it still holds after `ms`. */
  dismissed(ms: number, signal: AbortSignal): Promise<number | undefined>;
}

/** Undefined where nobody listens. */
export function visit(path: string, waitedMs: number): Promise<Visit | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let said = "";
    const greeted = new Promise<true>((heard) => {
      readLines(socket, (line) => {
        said = line;
        heard(true);
      });
    });
    const rank = new Promise<number>((over) => socket.once("close", () => over(Number(said) || 0)));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // Reset: the holder left between our connection and its greeting.
      if (error.code === "ECONNREFUSED" || error.code === "ECONNRESET") resolve(undefined);
      else reject(error);
    });
    socket.once("connect", () => {
      socket.write(`${waitedMs}\n`);
      resolve({
        socket,
        answers: async (ms) => (await within(ms, greeted)) ?? false,
        dismissed: (ms, signal) => orAborted(signal, within(ms, rank)),
      });
    });
  });
}

/** The outcome of `work`, or undefined when it takes longer than `ms`. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([work, delay(ms, undefined, { signal: done.signal }).catch(() => undefined)]);
  } finally {
    done.abort();
  }
}

/** No line of this queue is longer than a number. */
const LONGEST_LINE = 32;

function readLines(socket: Socket, hear: (line: string) => void): void {
  let open = "";
  socket.setEncoding("utf8").on("data", (piece: string) => {
    const lines = (open + piece).split("\n");
    open = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) hear(line);
  });
}
