import { isPassing, receiveAll } from "../../common/wire/zeromq.ts";

/** A link to the aggregator, which may be down. */
export interface AggregatorLink {
  readonly endpoint: string;
  /** Resolves when ZeroMQ has taken the message, which may still be lost, or when the link is closed. One call at a time. */
  send(message: Uint8Array): Promise<void>;
  close(): void;
}

export interface LinkEvents {
  up(): void;
  down(): void;
  message(bytes: Uint8Array): void;
  /** Called when this side or the other refuses to speak. It does not pass by itself, and is tried again. */
  refused(fault: string, remedy: string): void;
  /** Called when there is no way to the aggregator, which often passes by itself. */
  unreachable(fault: string, remedy: string): void;
}

/** A socket of ZeroMQ, as far as a link needs it. */
interface LinkSocket {
  readonly closed: boolean;
  send(message: Uint8Array): Promise<void>;
  receive(): Promise<readonly Uint8Array[]>;
  close(): void;
}

/** The link over a socket that something else connects. */
export function linkOver(
  socket: LinkSocket,
  endpoint: string,
  receive: (bytes: Uint8Array) => void,
  connection: { close(): void },
): AggregatorLink {
  let isClosed = false;
  void receiveAll(socket, (bytes) => {
    if (bytes) receive(bytes);
  });
  return {
    endpoint,
    async send(message) {
      while (!isClosed) {
        try {
          return await socket.send(message);
        } catch (error) {
          if (!isClosed && !isPassing(error)) throw error;
        }
      }
    },
    close() {
      isClosed = true;
      socket.close();
      connection.close();
    },
  };
}
