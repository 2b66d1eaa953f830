import type { Clock } from "../../common/runtime/clock.ts";
import type { loadZeromq } from "../../common/wire/zeromq.ts";

/**
 * - `ended`: there was a connection, and it is lost
 * - `unknown-host`: the aggregator does not know this host's key
 * - `silent`: no answer within the time for the handshake
 * - `broken`: the other side hung up during the handshake, as an aggregator does that has another key
 */
export type Outcome = "ended" | "unknown-host" | "silent" | "broken";

/** A socket of ZeroMQ that does not reconnect by itself. */
type NetworkSocket = Pick<
  InstanceType<ReturnType<typeof loadZeromq>["Dealer"]>,
  "events" | "ipv6" | "connect" | "disconnect"
>;

export interface AttemptDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  up(): void;
  down(): void;
}

/** ZeroMQ reports each failure before this; a connection that it never reports is given up. */
const LIMIT_MS = 60_000;

/** Returns a function that connects once to an address, and resolves when that has failed or the connection is lost. */
export function connectionAttempts(
  socket: NetworkSocket,
  { clock, signal, up, down }: AttemptDeps,
): (address: string) => Promise<Outcome> {
  let isUp = false;
  let outcome: Outcome = "broken";
  let finish = () => {};

  socket.events.on("handshake", () => {
    isUp = true;
    up();
  });
  socket.events.on("handshake:error:auth", () => {
    outcome = "unknown-host";
  });
  socket.events.on("handshake:error:other", ({ error }) => {
    outcome = (error as NodeJS.ErrnoException).code === "EAGAIN" ? "silent" : "broken";
  });
  socket.events.on("disconnect", () => finish());

  return async (address) => {
    isUp = false;
    outcome = "broken";
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const cancel = clock.timer(LIMIT_MS, () => {
      if (isUp) return;
      outcome = "silent";
      finish();
    });
    signal.addEventListener("abort", finish, { once: true });
    const ipv6 = address.includes("[");
    if (socket.ipv6 !== ipv6) socket.ipv6 = ipv6;
    socket.connect(address);
    await finished;
    cancel();
    signal.removeEventListener("abort", finish);
    if (!signal.aborted) leave(socket, address);
    if (!isUp) return outcome;
    down();
    return "ended";
  };
}

function leave(socket: NetworkSocket, address: string): void {
  try {
    socket.disconnect(address);
  } catch (error) {
    // ZeroMQ has forgotten a connection that failed.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
