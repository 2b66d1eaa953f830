// Written by hand, because npm test must run with Node and npm alone, without a dbus-daemon. The lab (test/system/lab) proves
// the same against the real bus and the real bluetoothd.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BusMessage, decodeMessages, encodeMessage } from "./message.ts";

/** The answer of a method; undefined for none, ever. */
export type Reply = { readonly signature?: string; readonly body?: readonly unknown[] } | undefined;

/** One service with a well-known name, whose answers the test decides. */
export interface Service {
  readonly name: string;
  /** Throws a Refusal to answer with an error. */
  handle(call: BusMessage, client: string): Reply | Promise<Reply>;
  /** A client has left the bus. */
  left?(client: string): void;
}

export class Refusal extends Error {
  readonly errorName: string;
  constructor(errorName: string, text = "") {
    super(text);
    this.errorName = errorName;
  }
}

/** A message bus as far as a single service needs it, real or in this process. */
export interface ServiceBus {
  readonly address: string;
  /** Puts the service on the bus, or takes it off, as when its process starts and dies. */
  own(service: Service | undefined): void;
  /** Sends a signal of the service's to the clients that have asked for it. */
  signal(
    path: string,
    from: string,
    member: string,
    signature: string,
    body: readonly unknown[],
    replySerial?: number,
  ): void;
  /** Calls a method of a client's, as the service. */
  call(
    client: string,
    call: Pick<BusMessage, "path" | "interface" | "member" | "signature" | "body">,
  ): Promise<BusMessage>;
  close(): Promise<void>;
}

/** A message bus in this process, on its own socket. */
export interface MessageBus extends ServiceBus {
  /** Sends a message of another program to a client, as every program may; returns that program's unique name. */
  forge(client: string, message: Forgery, sender?: string): string;
  /** Unique names of all clients. */
  readonly clients: readonly string[];
  /** Match rules of all clients. */
  readonly rules: readonly string[];
  /** Ends, as when the daemon is killed, and listens again. */
  kill(): Promise<void>;
  revive(): Promise<void>;
}

/** A message with a sender that the bus sets. */
export type Forgery = Omit<BusMessage, "serial" | "destination" | "sender">;

interface Client {
  readonly name: string;
  readonly socket: Socket;
  readonly rules: string[];
}

const DAEMON = "org.freedesktop.DBus";
/** Unique name and user of the program that forges messages. */
const STRANGER = ":1.666";
const STRANGER_UID = 65_534;
/** Part of a line of the greeting → the answer (D-Bus specification, "Authentication Protocol"). */
const GREETING = { "AUTH EXTERNAL": "OK 0123456789abcdef0123456789abcdef", NEGOTIATE_UNIX_FD: "AGREE_UNIX_FD" };

export async function createMessageBus(): Promise<MessageBus> {
  const folder = await mkdtemp(join(tmpdir(), "bms-dbus-"));
  const path = join(folder, "bus");
  const clients = new Set<Client>();
  const calls = new Map<number, (reply: BusMessage) => void>();
  let service: Service | undefined;
  let server: Server | undefined;
  let serial = 1;
  let clientNumber = 0;
  let serviceNumber = 0;
  /** Unique name of the service's connection, another one each time that it starts. */
  const serviceClient = () => `:0.${serviceNumber}`;

  const send = (client: Client, message: Omit<BusMessage, "serial">) => {
    serial += 1;
    if (!client.socket.destroyed) client.socket.write(encodeMessage({ ...message, serial }));
    return serial;
  };

  function publish(signal: Omit<BusMessage, "serial" | "kind">) {
    for (const client of clients) {
      if (client.rules.some((rule) => isMatch(rule, signal, service && { name: service.name, owner: serviceClient() })))
        send(client, { ...signal, kind: "signal" });
    }
  }

  function clientNamed(wanted: string): Client {
    const client = [...clients].find(({ name }) => name === wanted);
    if (!client) throw new Error(`no client ${wanted} on the bus`);
    return client;
  }

  function ownerChanged(name: string, before: string, after: string) {
    publish({
      path: "/org/freedesktop/DBus",
      interface: DAEMON,
      member: "NameOwnerChanged",
      sender: DAEMON,
      signature: "sss",
      body: [name, before, after],
    });
  }

  function asDaemon(call: BusMessage, client: Client): Reply {
    const [first] = call.body ?? [];
    switch (call.member) {
      case "Hello":
        return { signature: "s", body: [client.name] };
      case "AddMatch":
        client.rules.push(String(first));
        return {};
      case "RemoveMatch":
        client.rules.splice(client.rules.indexOf(String(first)), 1);
        return {};
      case "GetNameOwner":
        if (first !== service?.name) throw new Refusal(`${DAEMON}.Error.NameHasNoOwner`);
        return { signature: "s", body: [serviceClient()] };
      case "GetConnectionUnixUser":
        return { signature: "u", body: [first === STRANGER ? STRANGER_UID : 0] };
      default:
        throw new Refusal(`${DAEMON}.Error.UnknownMethod`, String(call.member));
    }
  }

  async function answer(call: BusMessage, client: Client) {
    const to = { destination: client.name, replySerial: call.serial };
    const answerer = serviceClient();
    try {
      const isForDaemon = call.destination === DAEMON;
      if (!isForDaemon && service?.name !== call.destination) throw new Refusal(`${DAEMON}.Error.ServiceUnknown`);
      const reply = isForDaemon ? asDaemon(call, client) : await service?.handle(call, client.name);
      const sender = isForDaemon ? DAEMON : answerer;
      if (reply) send(client, { ...to, ...reply, kind: "return", sender });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const answer = { signature: "s", body: [error.message] };
      send(client, { ...to, ...answer, kind: "error", sender: DAEMON, errorName: error.errorName });
    }
  }

  function welcome(socket: Socket) {
    clientNumber += 1;
    const client: Client = { name: `:1.${clientNumber}`, socket, rules: [] };
    clients.add(client);
    socket.on("error", () => {});
    socket.once("close", () => {
      clients.delete(client);
      service?.left?.(client.name);
    });
    const read = messageReader(socket, (message) => {
      if (message.kind === "call") void answer(message, client);
      else calls.get(message.replySerial ?? 0)?.(message);
    });
    socket.on("data", read);
  }

  async function kill() {
    const killed = server;
    for (const { socket } of clients) socket.destroy();
    await new Promise((resolve) => killed?.close(resolve));
  }
  async function revive() {
    server = createServer(welcome);
    await new Promise<void>((resolve) => server?.listen(path, resolve));
  }
  await revive();

  return {
    address: `unix:path=${path}`,
    own(next) {
      const name = (next ?? service)?.name ?? "";
      const before = service ? serviceClient() : "";
      if (next) serviceNumber += 1;
      service = next;
      ownerChanged(name, before, next ? serviceClient() : "");
    },
    signal(at, from, member, signature, body, replySerial) {
      publish({
        path: at,
        interface: from,
        member,
        signature,
        body,
        sender: serviceClient(),
        ...(replySerial && { replySerial }),
      });
    },
    forge(to, message, sender = STRANGER) {
      send(clientNamed(to), { ...message, destination: to, sender });
      return sender;
    },
    call(to, call) {
      const client = clientNamed(to);
      return new Promise((resolve) => {
        calls.set(send(client, { ...call, kind: "call", destination: to, sender: serviceClient() }), resolve);
      });
    },
    get clients() {
      return [...clients].map(({ name }) => name);
    },
    get rules() {
      return [...clients].flatMap(({ rules }) => rules);
    },
    kill,
    revive,
    async close() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

/** Answers the greeting of a connection, then hands on its messages. */
function messageReader(socket: Socket, onMessage: (message: BusMessage) => void): (chunk: Buffer) => void {
  let bytes: Buffer = Buffer.alloc(0);
  let isGreeted = false;
  /** Answers the next line of the greeting; false where it has not arrived. */
  function greet(): boolean {
    const end = bytes.indexOf("\r\n");
    if (end < 0) return false;
    const line = bytes.toString("latin1", 0, end);
    bytes = bytes.subarray(end + 2);
    isGreeted = line === "BEGIN";
    const answer = Object.entries(GREETING).find(([part]) => line.includes(part));
    if (answer) socket.write(`${answer[1]}\r\n`);
    return true;
  }
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (!isGreeted) if (!greet()) return;
    const { messages, rest } = decodeMessages(bytes);
    bytes = rest;
    for (const message of messages) onMessage(message);
  };
}

/** True if a match rule asks for the signal; well-known names in it mean the service. */
function isMatch(
  rule: string,
  signal: Omit<BusMessage, "serial" | "kind">,
  service?: { readonly name: string; readonly owner: string },
): boolean {
  const demands = [...rule.matchAll(/(\w+)='([^']*)'/g)].map(([, key, value]) => [key, value] as const);
  return demands.every(([key, value]) => {
    if (key === "type") return value === "signal";
    if (key === "sender") return signal.sender === (value === service?.name ? service?.owner : value);
    if (key === "arg0") return signal.body?.[0] === value;
    if (key === "arg0path") return isPathPair(String(signal.body?.[0]), value ?? "");
    if (key === "path_namespace") return signal.path === value || signal.path?.startsWith(`${value}/`);
    return signal[key as "path" | "interface" | "member"] === value;
  });
}

/** True if the paths are equal, or if one ends with a slash and the other begins with it. */
function isPathPair(one: string, other: string): boolean {
  return one === other || [one, other].some((path, i, both) => path.endsWith("/") && both[1 - i]?.startsWith(path));
}
