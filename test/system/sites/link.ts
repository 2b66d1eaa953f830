import { connect, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** A TCP connection between two programs that can be cut. */
export interface Link {
  readonly port: number;
  /** `closed`: connections are closed and refused. `frozen`: they stay open, and nothing passes. */
  set(state: "open" | "closed" | "frozen"): void;
  isUsed(): boolean;
}

/** Listens at a free port and passes every connection on to `target`. */
export async function openLink(t: TestContext, target: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let state: Parameters<Link["set"]>[0] = "open";

  function keep(socket: Socket, other: Socket) {
    sockets.add(socket);
    socket.on("data", (bytes) => {
      if (!other.write(bytes)) socket.pause();
    });
    other.on("drain", () => {
      if (state !== "frozen") socket.resume();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  }
  const server: Server = createServer((near) => {
    if (state === "closed") return void near.destroy();
    const far = connect(target, "127.0.0.1");
    keep(near, far);
    keep(far, near);
    if (state === "frozen") for (const socket of [near, far]) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    isUsed: () => sockets.size > 0,
    set(next) {
      state = next;
      for (const socket of sockets) {
        if (next === "closed") socket.destroy();
        else if (next === "frozen") socket.pause();
        else socket.resume();
      }
    },
  };
}
