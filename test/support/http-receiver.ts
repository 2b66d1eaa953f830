import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** A request that a receiver has taken. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An HTTP server that keeps what it receives. */
export interface HttpReceiver {
  readonly url: string;
  readonly received: Received[];
  /** The answer to the next requests. `cut`: the connection is cut after the request. `ignored`: no answer. */
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | "cut" | "ignored";
}

/** Starts a receiver on a free port of the loopback address, until the test ends. */
export async function startHttpReceiver(t: TestContext): Promise<HttpReceiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { answer } = receiver;
    if (answer === "ignored") return;
    if (answer === "cut") return void request.socket.destroy();
    const { status, headers } = answer;
    if (status < 300) {
      const { method = "", url: path = "" } = request;
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Received["body"];
      received.push({ method, path, headers: request.headers, body });
    }
    response.writeHead(status, headers).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((closed) => server.close(closed).closeAllConnections()));
  const { port } = server.address() as AddressInfo;
  const receiver: HttpReceiver = { url: `http://127.0.0.1:${port}`, received, answer: { status: 200 } };
  return receiver;
}
