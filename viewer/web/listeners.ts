import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type Answer, errorAnswer, RequestError, SAFETY_HEADERS } from "./answer.ts";
import type { Connections } from "./connections.ts";
import { isLoopback } from "./network-address.ts";

/** An address and a port (0: any free one), or the descriptor of a socket that listens already. */
export type ListenOn = { readonly host: string; readonly port: number } | { readonly fd: number };

/** The listening sockets of the web server. */
export interface Listeners {
  /** `http://127.0.0.1:8470/`, or the path of a unix socket. */
  readonly urls: readonly string[];
  /** Of the first one; 0 for a unix socket. */
  readonly port: number;
  /** False if anything but loopback addresses and unix sockets is among them. */
  readonly isLoopback: boolean;
  close(): Promise<void>;
}

const LIMITS = {
  maxHeaderSize: 8_192,
  // Checked by checkRequest, with an answer that names the remedy.
  requireHostHeader: false,
  /** From the first byte, or from the connection, to the last header, ms. */
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
} as const;
/** A connection on which nothing moves is closed after this time, ms. An open page receives something every 2 s. */
const INACTIVE_MS = 30_000;
/**
 * Connections that wait to be accepted. They are accepted together, so with as many as fit into the bounds of connections a
 * crowd would push out those that have just asked.
 */
const BACKLOG = 32;
const MAX_REQUESTS_PER_CONNECTION = 1_000;

/** Opens one server per address, with the same handler. @throws {Error} of the system, if an address cannot be used */
export async function openListeners(
  listenOn: readonly ListenOn[],
  connections: Connections,
  handle: RequestListener,
): Promise<Listeners> {
  const servers = listenOn.map(() => limitedServer(connections, handle));
  await Promise.all(servers.map((server, i) => listen(server, listenOn[i])));
  const addresses = servers.map((server) => server.address());
  const [first] = addresses;
  return {
    urls: addresses.map((each) => (typeof each === "object" && each ? urlOf(each) : String(each))),
    port: typeof first === "object" && first ? first.port : 0,
    isLoopback: addresses.every((each) => typeof each !== "object" || (each !== null && isLoopback(each.address))),
    close: async () => {
      await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed).closeAllConnections())));
    },
  };
}

function listen(server: Server, on: ListenOn | undefined): Promise<void> {
  return new Promise((resolve, reject) => server.once("error", reject).listen({ ...on, backlog: BACKLOG }, resolve));
}

function limitedServer(connections: Connections, handle: RequestListener): Server {
  const server = createServer(LIMITS);
  server.timeout = INACTIVE_MS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
  // Counted by checkRequest: beyond Node's own limit headers are silently ignored, those that protect included.
  server.maxHeadersCount = 0;
  return server
    .on("connection", connections.add)
    .on("request", handle)
    .on("checkContinue", handle)
    .on("checkExpectation", handle)
    .on("clientError", refuse);
}

const FAULTS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, `the headers are longer than ${LIMITS.maxHeaderSize} bytes`],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request was not complete in time"],
};

/** Answers what is not a request of HTTP. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex & { _httpMessage?: ServerResponse | null }): void {
  const [status, message] = FAULTS[error.code ?? ""] ?? [400, "not a request of HTTP/1.1"];
  // Bytes in the middle of another answer would be taken for a part of it.
  const isAnswering = socket._httpMessage !== null && socket._httpMessage !== undefined;
  if (socket.writable && !isAnswering && error.code !== "ECONNRESET")
    socket.write(rawAnswer(errorAnswer(new RequestError(status, message))));
  socket.destroy();
}

function rawAnswer({ status, type, body }: Answer): string {
  const headers = {
    ...SAFETY_HEADERS,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} Refused`, ...lines, "", body].join("\r\n");
}

function urlOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}/`;
}
