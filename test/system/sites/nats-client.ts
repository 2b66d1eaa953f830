import { connect } from "node:net";
import type { TestContext } from "node:test";

/** A client of a nats-server without TLS, as far as tests need one. */
export interface NatsClient {
  publish(subject: string, payload: string): void;
  /** The first answer. */
  request(subject: string, payload: string): Promise<string>;
}

/** Connects without a password. docs.nats.io describes the protocol: lines, and payloads of a given length. */
export async function connectNats(t: TestContext, port: number): Promise<NatsClient> {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.setEncoding("utf8").setNoDelay();
  const waiting: ((answer: string) => void)[] = [];
  let text = "";
  socket.on("data", (chunk: string) => {
    text += chunk;
    if (text.includes("PING\r\n")) socket.write("PONG\r\n");
    text = text.replaceAll("PING\r\n", "").replaceAll("+OK\r\n", "");
    const message = /MSG \S+ 1 \d+\r\n(.*)\r\n/.exec(text);
    if (!message) return;
    text = "";
    waiting.shift()?.(message[1] ?? "");
  });
  socket.write('CONNECT {"verbose":false}\r\nSUB answers 1\r\n');
  const write = (head: string, payload: string) =>
    void socket.write(`${head} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`);
  return {
    publish: (subject, payload) => write(`PUB ${subject}`, payload),
    request(subject, payload) {
      write(`PUB ${subject} answers`, payload);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
