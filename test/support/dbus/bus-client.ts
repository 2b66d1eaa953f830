import { once } from "node:events";
import { createConnection } from "node:net";
import { type BusMessage, decodeMessages, encodeMessage } from "./message.ts";

/** A program on a real message bus, independent of the library under test. */
export interface BusClient {
  /** Unique name. */
  readonly name: string;
  /** The answer, an error of the bus included. */
  call(call: Omit<BusMessage, "serial" | "kind">): Promise<BusMessage>;
  /** Returns the message's serial. */
  send(message: Omit<BusMessage, "serial">): number;
  /** Sends messages that are encoded already. */
  write(messages: Buffer): void;
  /** Resolves once the kernel has taken what was sent so far, or the bus has closed the connection. */
  drained(): Promise<void>;
  /** Calls the listener with each message that is not the answer to a call. */
  onMessage(listener: (message: BusMessage) => void): void;
  /** Aborts when the connection has ended. */
  readonly ended: AbortSignal;
  close(): void;
}

const DAEMON = "org.freedesktop.DBus";

/** A call of the message bus itself. */
export function daemonCall(member: string, signature: string, body: readonly unknown[]) {
  return { destination: DAEMON, path: "/org/freedesktop/DBus", interface: DAEMON, member, signature, body };
}

/** Connects to the bus at the socket `path` as the user of this process. */
export async function connectBus(path: string): Promise<BusClient> {
  const socket = createConnection(path);
  const ended = new AbortController();
  const calls = new Map<number, (reply: BusMessage) => void>();
  const listeners: ((message: BusMessage) => void)[] = [];
  let serial = 0;
  socket.on("error", () => {});
  socket.once("close", () => ended.abort());
  await once(socket, "connect");
  const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
  socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (!answer.toString().startsWith("OK ")) throw new Error(`the bus refuses this user: ${answer}`);
  socket.write("BEGIN\r\n");

  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    const decoded = decodeMessages(Buffer.concat([rest, chunk]));
    rest = decoded.rest;
    for (const message of decoded.messages) {
      const answered =
        message.kind === "return" || message.kind === "error" ? calls.get(message.replySerial ?? 0) : null;
      if (answered) answered(message);
      else for (const listener of listeners) listener(message);
    }
  });

  function send(message: Omit<BusMessage, "serial">): number {
    serial += 1;
    socket.write(encodeMessage({ ...message, serial }));
    return serial;
  }
  function call(request: Omit<BusMessage, "serial" | "kind">): Promise<BusMessage> {
    return new Promise((resolve, reject) => {
      const mine = send({ ...request, kind: "call" });
      const onEnd = () => reject(new Error("the bus closed the connection"));
      ended.signal.addEventListener("abort", onEnd, { once: true });
      calls.set(mine, (reply) => {
        calls.delete(mine);
        ended.signal.removeEventListener("abort", onEnd);
        resolve(reply);
      });
    });
  }
  const [name] = (await call(daemonCall("Hello", "", []))).body ?? [];
  return {
    name: String(name),
    call,
    send,
    write: (messages) => void socket.write(messages),
    drained: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (socket.writableNeedDrain) await once(socket, "drain", { signal: ended.signal }).catch(() => {});
    },
    onMessage: (listener) => void listeners.push(listener),
    ended: ended.signal,
    close: () => socket.destroy(),
  };
}
