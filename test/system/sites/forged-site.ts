import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { connect as connectTls } from "node:tls";

/** A message that the hub has sent to the site. */
export interface HubMessage {
  readonly subject: string;
  readonly reply?: string;
  readonly payload: string;
}

/** A server of somebody's own, which speaks the protocol between nats-servers with the password of a site. */
export interface ForgedSite {
  /** Everything that has arrived. */
  readonly messages: readonly HubMessage[];
  /** Refusals of the hub. */
  readonly errors: readonly string[];
  subscribe(subject: string): void;
  /** Resolves once the hub has read everything so far. */
  flush(): Promise<void>;
  publish(subject: string, message?: { reply?: string; headers?: string; payload?: string }): void;
}

export interface ForgedSiteOptions {
  readonly port: number;
  readonly caFile: string;
  /** Besides user, password and name. */
  readonly connect: Readonly<Record<string, unknown>>;
  /** Called with each message. */
  readonly onMessage?: (message: HubMessage, site: ForgedSite) => void;
}

/** Connects to the port for sites. The protocol is that of clients, with LS+ and LMSG in the place of SUB and MSG. */
export async function connectForgedSite(t: TestContext, options: ForgedSiteOptions): Promise<ForgedSite> {
  const plain = connect(options.port, "127.0.0.1");
  await once(plain, "data"); // INFO, after which the connection is encrypted
  const socket: Socket = connectTls({ socket: plain, servername: "localhost", ca: readFileSync(options.caFile) });
  t.after(() => socket.destroy());
  const messages: HubMessage[] = [];
  const errors: string[] = [];
  const flushes: (() => void)[] = [];
  let input = Buffer.alloc(0);
  const site: ForgedSite = {
    messages,
    errors,
    subscribe: (subject) => void socket.write(`LS+ ${subject}\r\n`),
    flush() {
      socket.write("PING\r\n");
      return new Promise((resolve) => flushes.push(resolve));
    },
    publish(subject, { reply, headers, payload = "" } = {}) {
      const address = reply === undefined ? subject : `${subject} ${reply}`;
      const size = Buffer.byteLength(payload);
      if (headers === undefined) socket.write(`LMSG ${address} ${size}\r\n${payload}\r\n`);
      else socket.write(`HMSG ${address} ${headers.length} ${headers.length + size}\r\n${headers}${payload}\r\n`);
    },
  };

  function readLine(): boolean {
    const end = input.indexOf("\r\n");
    if (end < 0) return false;
    const [verb = "", ...args] = input.subarray(0, end).toString().split(" ");
    const isMessage = verb === "LMSG" || verb === "HMSG";
    const next = end + 2 + (isMessage ? Number(args.at(-1)) + 2 : 0);
    if (input.length < next) return false;
    const content = input.subarray(end + 2, next - 2);
    input = input.subarray(next);
    if (isMessage) {
      const message = messageOf(verb, args, content);
      messages.push(message);
      options.onMessage?.(message, site);
    } else if (verb === "PING") socket.write("PONG\r\n");
    else if (verb === "PONG") flushes.shift()?.();
    else if (verb === "-ERR") errors.push(args.join(" "));
    return true;
  }
  socket.on("data", (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    while (readLine());
  });
  socket.on("error", (error) => errors.push(error.message));
  await once(socket, "secureConnect");
  socket.write(`CONNECT ${JSON.stringify({ headers: true, version: "2.15.3", ...options.connect })}\r\n`);
  await site.flush();
  return site;
}

/** Arguments are a subject, a reply that may be absent, the size of the headers if the message has any, and the whole size. */
function messageOf(verb: string, args: readonly string[], content: Buffer): HubMessage {
  const sizes = verb === "HMSG" ? 2 : 1;
  const [subject = "", reply] = args.slice(0, -sizes);
  const headerSize = sizes === 2 ? Number(args.at(-2)) : 0;
  return { subject, ...(reply !== undefined && { reply }), payload: content.subarray(headerSize).toString() };
}
