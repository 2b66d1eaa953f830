import { connect, type Socket } from "node:net";
import { orAborted } from "../../common/runtime/abort.ts";
import { type OpenSink, SinkError } from "./sink.ts";
import { explainSocketFault } from "./socket-fault.ts";

/** Ends a document where Telegraf listens with `splitting_strategy = "null"`. */
const END_OF_DOCUMENT = "\0";

/**
 * A unix stream socket on which Telegraf listens.
 *
 * Telegraf closes a connection once it has read all that came before our half ended. So a receipt is: open the next
 * connection, end the old one, wait until it is closed. A connection that stays up proves nothing, since the kernel takes
 * more than 100 kB from a Telegraf that reads nothing.
 */
export function telegrafAt(path: string): OpenSink {
  return async () => {
    const loss = new AbortController();
    const connections = new Set<Connection>();

    function lose(error: unknown) {
      loss.abort(error);
      for (const { socket } of connections) socket.destroy();
    }
    async function open(): Promise<Connection> {
      const connection = await openConnection(path);
      connections.add(connection);
      connection.closed.then(() => connections.delete(connection), lose);
      if (loss.signal.aborted) lose(loss.signal.reason);
      return connection;
    }
    let current = await open();
    return {
      lost: loss.signal,
      write: (document) => current.write(document),
      async beginReceipt() {
        const before = current;
        try {
          current = await open();
        } catch (error) {
          lose(error);
        }
        // A connection that is closed because another was lost is no receipt.
        loss.signal.throwIfAborted();
        return { read: orAborted(loss.signal, before.end()) };
      },
      close: () => lose(new SinkError("closed here")),
    };
  };
}

interface Connection {
  readonly socket: Socket;
  /** Resolves when it was closed after we had ended our half; rejects with SinkError when it is lost. */
  readonly closed: Promise<void>;
  /** @throws {SinkError} */
  write(document: string): Promise<void>;
  /** Ends our half, after what is being written. Resolves like `closed`. */
  end(): Promise<void>;
}

/** @throws {SinkError} */
async function openConnection(path: string): Promise<Connection> {
  const socket = await connectTo(path);
  let isEnding = false;
  let cause: NodeJS.ErrnoException | undefined;
  socket.on("error", (error: NodeJS.ErrnoException) => {
    cause = error;
  });
  const closed = new Promise<void>((resolve, reject) => {
    socket.once("close", () => {
      if (isEnding && !cause) resolve();
      else reject(lostBy(path, cause));
    });
  });
  // Telegraf never speaks; only who reads notices that it closes.
  socket.resume();
  return {
    socket,
    closed,
    write: (document) =>
      new Promise((resolve, reject) => {
        socket.write(Buffer.from(document + END_OF_DOCUMENT), (error?: NodeJS.ErrnoException | null) => {
          if (error) reject(lostBy(path, error));
          else resolve();
        });
      }),
    end() {
      isEnding = true;
      socket.end();
      return closed;
    },
  };
}

/** @throws {SinkError} */
function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const refuse = (error: NodeJS.ErrnoException) => reject(lostBy(path, error));
    socket.once("error", refuse);
    socket.once("connect", () => {
      socket.off("error", refuse);
      resolve(socket);
    });
  });
}

function lostBy(path: string, cause: NodeJS.ErrnoException | undefined): SinkError {
  const { message, remedy } = explainSocketFault(cause?.code, path);
  return new SinkError(remedy === undefined ? message : `${message}: ${remedy}`, { cause });
}
