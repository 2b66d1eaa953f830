import { appendFileSync } from "node:fs";
import { connect, createServer } from "node:net";

/** Pieces that a client sent over one connection, in order. */
export type RecordedConnection = readonly RecordedPiece[];

interface RecordedPiece {
  /** Bytes of the server that had passed before. */
  readonly afterBytes: number;
  readonly bytes: Buffer;
}

/** Passes connections on to the aggregator, and appends what clients send to a file: one JSON line for each piece. */
export function startRecorder(listenPort: number, host: string, port: number, file: string, onListening: () => void) {
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const connection = connections;
    let afterBytes = 0;
    const upstream = connect(port, host);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const each of [client, upstream]) each.on("error", end).once("close", end);
    client.on("data", (chunk) => {
      appendFileSync(file, `${JSON.stringify({ connection, afterBytes, bytes: chunk.toString("hex") })}\n`);
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      afterBytes += chunk.length;
      client.write(chunk);
    });
  });
  server.listen(listenPort, onListening);
}

export function parseRecording(text: string): RecordedConnection[] {
  const connections = new Map<number, RecordedPiece[]>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const { connection, afterBytes, bytes } = JSON.parse(line) as {
      connection: number;
      afterBytes: number;
      bytes: string;
    };
    const pieces = connections.get(connection) ?? [];
    connections.set(connection, pieces);
    pieces.push({ afterBytes, bytes: Buffer.from(bytes, "hex") });
  }
  return [...connections.values()];
}
