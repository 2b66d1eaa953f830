import { statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { orAborted } from "../../common/runtime/abort.ts";
import { formatDocuments } from "./csv.ts";
import { type OpenSink, SinkError } from "./sink.ts";
import { explainSocketFault } from "./socket-fault.ts";

/** A NUL byte ends a document where Telegraf listens with `splitting_strategy = "null"`. */
const END_OF_DOCUMENT = "\0";

/**
 * A unix stream socket on which Telegraf listens. Each CSV document is one write.
 *
 * After the aggregator has ended its half of a connection, Telegraf reads to the end and closes its own half. So a read
 * receipt is: open the next connection, end the old one, wait until it is closed. A connection that stays up proves
 * nothing: the kernel accepts more than 100 kB for a Telegraf that reads nothing. Neither does a closed one whose successor
 * leads to another Telegraf: the first may have died before it was to close, while this process stood still.
 */
export function telegrafSink(path: string): OpenSink {
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
      async write(readings) {
        for (const document of formatDocuments(readings)) await current.write(document);
      },
      async beginReceipt() {
        const previous = current;
        try {
          current = await open();
        } catch (error) {
          lose(error);
        }
        if (current.listener !== previous.listener) lose(new SinkError("Telegraf was restarted"));
        // A connection that is closed because another one was lost is not a receipt.
        loss.signal.throwIfAborted();
        return { read: orAborted(loss.signal, previous.end()) };
      },
      close: () => lose(new SinkError("closed here")),
    };
  };
}

interface Connection {
  readonly socket: Socket;
  /** Identity of the socket file: another one for each start of Telegraf. */
  readonly listener: string | undefined;
  /** Resolves when Telegraf closes it after `end`; rejects with SinkError when it is lost. */
  readonly closed: Promise<void>;
  /** @throws {SinkError} */
  write(document: string): Promise<void>;
  /** Ends this half after everything already written. Resolves like `closed`. */
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
      else reject(socketLost(path, cause));
    });
  });
  // Telegraf sends nothing, but a close is noticed only while reading.
  socket.resume();
  return {
    socket,
    listener: listenerAt(path),
    closed,
    write: (document) =>
      new Promise((resolve, reject) => {
        socket.write(Buffer.from(document + END_OF_DOCUMENT), (error?: NodeJS.ErrnoException | null) => {
          if (error) reject(socketLost(path, error));
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

/** Identity of the socket file at `path`; undefined where there is none. */
function listenerAt(path: string): string | undefined {
  const info = statSync(path, { bigint: true, throwIfNoEntry: false });
  return info && `${info.dev} ${info.ino} ${info.birthtimeNs}`;
}

/** @throws {SinkError} */
function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const onError = (error: NodeJS.ErrnoException) => reject(socketLost(path, error));
    socket.once("error", onError);
    socket.once("connect", () => {
      socket.off("error", onError);
      resolve(socket);
    });
  });
}

function socketLost(path: string, cause: NodeJS.ErrnoException | undefined): SinkError {
  const { message, remedy } = explainSocketFault(cause?.code, path);
  return new SinkError(remedy === undefined ? message : `${message}: ${remedy}`, { cause });
}
