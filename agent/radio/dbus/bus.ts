import { BusError, unanswered } from "./bus-error.ts";
import { connectTo } from "./connection.ts";
import { decodeBody, type MessageHead, NO_AUTO_START, NO_REPLY_EXPECTED } from "./message.ts";
import { splitMessages } from "./message-stream.ts";
import { type ForeignMessage, followService } from "./service-owner.ts";

/**
 * The part of D-Bus that a client of one service needs. A pending call fails when the connection ends, when the service
 * leaves the bus or when its time is up. Messages of any other program than the service and the bus itself are ignored:
 * the policy of a system bus lets every user send signals to anybody.
 */
export interface Bus {
  /** The reply's values, variants unwrapped. @throws {BusError} */
  call(request: Call): Promise<readonly unknown[]>;
  /** Subscribes to the signals of a match rule. @throws {BusError} */
  match(rule: string): Promise<void>;
  /** Calls the listener with every signal of the service. */
  onSignal(listener: (signal: Signal) => void): void;
  /**
   * Answers the calls of the service. Undefined refuses a call as one of an unknown method; a rejection with a BusError
   * refuses it with that.
   */
  onCall(handler: (call: IncomingCall) => Promise<readonly unknown[]> | undefined): void;
  /** True while a program owns the service's name. */
  readonly isPresent: boolean;
  /** Calls the listener when the service leaves the bus, appears on it, or belongs to another program. */
  onPresence(listener: () => void): void;
  /** Aborts when the connection has ended; the reason is a BusError. */
  readonly ended: AbortSignal;
  close(): void;
}

export interface Call {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** 10,000 by default. */
  readonly limitMs?: number;
  /** Starts the service if it is not running. Otherwise such a call fails: an administrator may have stopped it. */
  readonly startsService?: true;
  /** Called with the reply's values before any signal that follows the reply, which a promise cannot guarantee. */
  readonly arrived?: (values: readonly unknown[]) => void;
}

export interface Signal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export type IncomingCall = Signal;

export interface BusOptions {
  readonly address: string;
  /** The well-known name of the service, such as `org.bluez`. */
  readonly service: string;
  readonly openLimitMs?: number;
}

export interface BusDeps {
  /** Called with each message that is ignored, and with a function that asks the bus for the sender's user. */
  readonly ignored: (message: ForeignMessage, userOf: () => Promise<number | undefined>) => void;
}

/** The address of the system bus, by the rules of libdbus. */
export function systemBusAddress(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.DBUS_SYSTEM_BUS_ADDRESS ?? "unix:path=/run/dbus/system_bus_socket";
}

const OPEN_LIMIT_MS = 8_000;
const CALL_LIMIT_MS = 10_000;
const DBUS = "org.freedesktop.DBus";
const DBUS_DAEMON = { destination: DBUS, path: "/org/freedesktop/DBus", interface: DBUS };

interface PendingCall {
  readonly destination: string;
  answered(head: MessageHead, values: readonly unknown[]): void;
  failed(error: unknown): void;
}

/** @throws {BusError} when nothing listens at the address, or the bus does not answer */
export async function openBus(
  { address, service, openLimitMs = OPEN_LIMIT_MS }: BusOptions,
  { ignored }: BusDeps,
): Promise<Bus> {
  const ended = new AbortController();
  const pending = new Map<number, PendingCall>();
  const owner = followService(service, (message) => ignored(message, () => userOf(message.sender)));
  const presence: (() => void)[] = [];
  const signals: ((signal: Signal) => void)[] = [];
  let answerCall: Parameters<Bus["onCall"]>[0] = () => undefined;
  let isPresent = false;
  let markReady = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    markReady = resolve;
    ended.signal.addEventListener("abort", () => reject(ended.signal.reason));
  });
  const connection = connectTo(address, {
    ready: markReady,
    data: splitMessages({ accepts: owner.accepts, received: receive }),
    end: (why, cause) => end(new BusError("bus.ended", why, { cause })),
  });

  function end(error: BusError) {
    if (ended.signal.aborted) return;
    ended.abort(error);
    for (const call of pending.values()) call.failed(error);
  }

  function receive(head: MessageHead, message: Buffer) {
    if (ended.signal.aborted) return;
    let values: readonly unknown[];
    try {
      values = decodeBody(message, head);
    } catch (error) {
      const why = `the message bus sent an unreadable message: ${(error as Error).message}`;
      end(new BusError("bus.ended", why, { cause: error }));
      connection.close();
      return;
    }
    const { kind, replySerial = 0, sender, member, path = "", interface: from = "" } = head;
    if (kind === "return" || kind === "error") pending.get(replySerial)?.answered(head, values);
    else if (kind === "call") void answer(head, values);
    else if (kind !== "signal") return;
    else if (sender !== DBUS)
      for (const listen of signals) listen({ path, interface: from, member: member ?? "", body: values });
    else if (member === "NameOwnerChanged" && values[0] === service) changeOwner(values[1], values[2]);
  }

  function changeOwner(before: unknown, after: unknown) {
    isPresent = after !== "";
    const gone = new BusError(`${DBUS}.Error.NoReply`, `${service} left the message bus`);
    if (before !== "") for (const call of pending.values()) if (call.destination === service) call.failed(gone);
    for (const listener of presence) listener();
  }

  function send(destination: string, call: Call) {
    const { limitMs = CALL_LIMIT_MS, startsService, arrived, ...request } = call;
    return new Promise<readonly unknown[]>((resolve, reject) => {
      ended.signal.throwIfAborted();
      const flags = startsService ? 0 : NO_AUTO_START;
      const serial = connection.send({ kind: "call", flags, destination, ...request });
      const timer = setTimeout(() => pending.get(serial)?.failed(unanswered(request.member, limitMs)), limitMs);
      const forget = () => {
        clearTimeout(timer);
        pending.delete(serial);
      };
      pending.set(serial, {
        destination,
        answered({ kind, errorName = "" }, values) {
          forget();
          if (kind === "error") return reject(new BusError(errorName, String(values[0] ?? "")));
          arrived?.(values);
          resolve(values);
        },
        failed(error) {
          forget();
          reject(error);
        },
      });
    });
  }

  async function answer(head: MessageHead, body: readonly unknown[]) {
    const { serial: replySerial, sender: destination = "", path = "", interface: from = "", member = "", flags } = head;
    const unknown = new BusError(`${DBUS}.Error.UnknownMethod`, `no method ${member} here`);
    const answered = answerCall({ path, interface: from, member, body }) ?? Promise.reject(unknown);
    const reply = await answered.then(
      (values) => ({ kind: "return", signature: signatureOf(values), body: values }) as const,
      ({ error, text }: BusError) => ({ kind: "error", errorName: error, signature: "s", body: [text] }) as const,
    );
    if (!ended.signal.aborted && !(flags & NO_REPLY_EXPECTED)) connection.send({ ...reply, replySerial, destination });
  }

  const askDaemon = (member: string, ...body: readonly string[]) =>
    send(DBUS, { ...DBUS_DAEMON, member, signature: "s".repeat(body.length), body });
  const match = async (rule: string) => void (await askDaemon("AddMatch", rule));

  async function userOf(sender: string | undefined): Promise<number | undefined> {
    const [uid] = await askDaemon("GetConnectionUnixUser", sender ?? "").catch(() => []);
    return typeof uid === "number" ? uid : undefined;
  }

  async function greet() {
    const timer = setTimeout(() => end(unanswered("the greeting", openLimitMs)), openLimitMs);
    try {
      await ready;
      await askDaemon("Hello");
    } finally {
      clearTimeout(timer);
    }
  }

  /** Subscribes to the changes first: none is missed between the answer and the subscription. */
  async function findOwner() {
    const changes = `type='signal',sender='${DBUS}',interface='${DBUS}',member='NameOwnerChanged',arg0='${service}'`;
    const [, [name]] = await Promise.all([
      match(changes),
      askDaemon("GetNameOwner", service).catch((error: BusError) => {
        if (error.error === `${DBUS}.Error.NameHasNoOwner`) return [""];
        throw error;
      }),
    ]);
    isPresent = owner.found(String(name));
  }

  const bus: Bus = {
    ended: ended.signal,
    call: (request) => send(service, request),
    match,
    onSignal: (listener) => void signals.push(listener),
    onCall(handler) {
      answerCall = handler;
    },
    get isPresent() {
      return isPresent;
    },
    onPresence: (listener) => void presence.push(listener),
    close() {
      connection.close();
      end(new BusError("bus.ended", "closed by us"));
    },
  };

  try {
    await greet();
    await findOwner();
    return bus;
  } catch (error) {
    bus.close();
    throw error;
  }
}

/** The signature of an answer: strings and unsigned numbers. */
function signatureOf(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "number" ? "u" : "s")).join("");
}
