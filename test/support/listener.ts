import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./temporary-folder.ts";

/** Receives documents as Telegraf does: any number of connections, each document ended by a NUL byte. */
export interface Listener {
  /** Complete documents, in the order in which they ended. */
  readonly documents: readonly string[];
  readonly connections: ReadonlySet<Socket>;
  /** Switches reading on or off for connections to come; switching on resumes the existing ones, too. */
  reading(isReading: boolean): void;
  /** Stops as in a crash: all connections are cut, unread data is lost. */
  crash(): Promise<void>;
  start(): Promise<void>;
}

/** A listener at `path`, closed with the test. */
export async function listenAt(t: TestContext, path: string): Promise<Listener> {
  const documents: string[] = [];
  const connections = new Set<Socket>();
  let isReading = true;
  let server: ReturnType<typeof createServer> | undefined;

  const listener: Listener = {
    documents,
    connections,
    reading(is) {
      isReading = is;
      if (is) for (const socket of connections) socket.resume();
    },
    async start() {
      server = createServer({ pauseOnConnect: true }, (socket) => {
        connections.add(socket);
        let rest = "";
        socket.setEncoding("utf8");
        socket.on("data", (text: string) => {
          const parts = `${rest}${text}`.split("\0");
          rest = parts.pop() ?? "";
          documents.push(...parts);
        });
        socket.on("error", () => {});
        socket.on("close", () => connections.delete(socket));
        if (isReading) socket.resume();
        else socket.pause();
      });
      await new Promise<void>((resolve) => server?.listen(path, resolve));
    },
    async crash() {
      const closed = new Promise((resolve) => server?.close(resolve));
      for (const socket of connections) socket.destroy();
      await closed;
      await rm(path, { force: true });
    },
  };
  await listener.start();
  t.after(() => listener.crash());
  return listener;
}

/** A listener at a new path. */
export async function listen(t: TestContext): Promise<Listener & { readonly path: string }> {
  const path = join(await temporaryFolder(t), "telegraf.sock");
  return { ...(await listenAt(t, path)), path };
}
