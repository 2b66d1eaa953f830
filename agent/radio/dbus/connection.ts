import { createConnection, type Socket } from "node:net";
import { encodeMessage, type OutgoingMessage } from "./message.ts";

/** A connection to a message bus. */
export interface Connection {
  /** Returns the serial of the message. @throws {Error} a value that does not fit its type */
  send(message: OutgoingMessage): number;
  /** Sends what was taken before. */
  close(): void;
}

export interface ConnectionEvents {
  /** The bus has authenticated this process: it takes messages. */
  ready(): void;
  /** Bytes of messages. */
  data(chunk: Buffer): void;
  /** Called once at least when the connection has failed or ended. */
  end(why: string, cause?: unknown): void;
}

/** Longer answers to the authentication are refused. */
const MAX_ANSWER = 1_024;
const LINE_END = "\r\n";

/** Connects to the unix socket of a D-Bus address as the user of this process (D-Bus specification, "Authentication Protocol"). */
export function connectTo(address: string, events: ConnectionEvents): Connection {
  let serial = 0;
  let answer = "";
  const path = socketPath(address);
  const socket: Socket = createConnection({ path: path ?? "" });
  if (path === undefined) socket.destroy(new Error(`not the address of a unix socket: ${address}`));
  socket.once("connect", () => {
    const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
    socket.write(`\0AUTH EXTERNAL ${uid}${LINE_END}`);
  });
  socket.on("error", (error) => events.end(error.message, error));
  socket.on("close", () => events.end("the message bus closed the connection"));
  socket.on("data", authenticate);

  /** The bus sends nothing behind its answer until it was greeted. */
  function authenticate(chunk: Buffer) {
    answer += chunk.toString("latin1");
    if (!answer.endsWith(LINE_END) && answer.length < MAX_ANSWER) return;
    if (!answer.startsWith("OK ")) {
      socket.destroy(new Error("the message bus refuses this user"));
      return;
    }
    socket.off("data", authenticate);
    socket.on("data", events.data);
    socket.write(`BEGIN${LINE_END}`);
    events.ready();
  }
  return {
    send(message) {
      serial += 1;
      socket.write(encodeMessage(serial, message));
      return serial;
    },
    close: () => void socket.end(() => socket.destroy()),
  };
}

/** Of the first unix socket in a list of addresses; undefined if there is none. */
function socketPath(addresses: string): string | undefined {
  for (const address of addresses.split(";")) {
    const [, options] = /^unix:(.*)$/.exec(address) ?? [];
    const option = (key: string) => options?.split(",").find((each) => each.startsWith(`${key}=`));
    const [path, abstract] = [option("path"), option("abstract")];
    if (path) return decodeURIComponent(path.slice("path=".length));
    if (abstract) return `\0${decodeURIComponent(abstract.slice("abstract=".length))}`;
  }
  return undefined;
}
