import { Message, MessageFlag, MessageType, sessionBus } from "@jellybrick/dbus-next";
import { BusError, unanswered } from "./bus-error.ts";
import {
  connectionOf,
  filterIncoming,
  greeted,
  outside,
  sendFailure,
  signatureOf,
  unwrap,
  whenOver,
} from "./dbus-next.ts";
import { filterMessages } from "./message-filter.ts";
import { type ForeignMessage, followService } from "./service-owner.ts";

/**
 * The part of D-Bus that a client of one service needs, with what the library lacks: a pending call fails when the
 * connection ends, when the service leaves the bus or when its time is up (the library leaves it pending for ever), and
 * the end of the connection is reported. Messages of any other program than the service and the bus itself are ignored:
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
   * Answers the calls of the service. Undefined leaves a call to the library, which answers the standard ones; a
   * rejection with a BusError refuses it.
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
  answered(reply: Message): void;
  failed(error: unknown): void;
}

/** @throws {BusError} when nothing listens at the address, or the bus does not answer */
export async function openBus(
  { address, service, openLimitMs = OPEN_LIMIT_MS }: BusOptions,
  { ignored }: BusDeps,
): Promise<Bus> {
  // The library's systemBus() has no parameter for an address; sessionBus() connects to any.
  const library = sessionBus({ busAddress: address });
  const ended = new AbortController();
  const pending = new Map<number, PendingCall>();
  const owner = followService(service, (message) => ignored(message, () => userOf(message.sender)));
  const presence: (() => void)[] = [];
  let isPresent = false;

  function end(why: string, cause?: unknown) {
    if (ended.signal.aborted) return;
    const error = new BusError("bus.ended", why, { cause });
    ended.abort(error);
    for (const call of pending.values()) call.failed(error);
  }
  whenOver(library, end);
  filterIncoming(library, filterMessages(owner.accepts));

  function changeOwner(before: unknown, after: unknown) {
    isPresent = after !== "";
    const gone = new BusError(`${DBUS}.Error.NoReply`, `${service} left the message bus`);
    if (before !== "") for (const call of pending.values()) if (call.destination === service) call.failed(gone);
    for (const listener of presence) listener();
  }

  library.on("message", (message) => {
    const { type, replySerial = 0, sender, member, body } = message;
    if (type === MessageType.METHOD_RETURN || type === MessageType.ERROR) pending.get(replySerial)?.answered(message);
    const isOwnerChange = type === MessageType.SIGNAL && sender === DBUS && member === "NameOwnerChanged";
    if (isOwnerChange && body[0] === service) outside(() => changeOwner(body[1], body[2]));
  });

  // The library's own call() never frees unanswered calls, and its promise resolves after later signals.
  function send(destination: string, call: Call) {
    const { limitMs = CALL_LIMIT_MS, body = [], startsService, arrived, ...request } = call;
    return new Promise<readonly unknown[]>((resolve, reject) => {
      ended.signal.throwIfAborted();
      const serial = library.newSerial();
      const timer = setTimeout(() => pending.get(serial)?.failed(unanswered(request.member, limitMs)), limitMs);
      const forget = () => {
        clearTimeout(timer);
        pending.delete(serial);
      };
      pending.set(serial, {
        destination,
        answered(reply) {
          forget();
          const values = reply.body.map(unwrap);
          if (reply.type === MessageType.ERROR) return reject(new BusError(reply.errorName, String(values[0] ?? "")));
          if (arrived) outside(() => arrived(values));
          resolve(values);
        },
        failed(error) {
          forget();
          reject(error);
        },
      });
      const flags = startsService ? undefined : MessageFlag.NO_AUTO_START;
      try {
        library.send(new Message({ ...request, destination, serial, body: [...body], ...(flags && { flags }) }));
      } catch (error) {
        pending.get(serial)?.failed(sendFailure(error, library));
      }
    });
  }

  const askDaemon = (member: string, argument: string) =>
    send(DBUS, { ...DBUS_DAEMON, member, signature: "s", body: [argument] });
  const match = async (rule: string) => void (await askDaemon("AddMatch", rule));

  async function userOf(sender: string | undefined): Promise<number | undefined> {
    const [uid] = await askDaemon("GetConnectionUnixUser", sender ?? "").catch(() => []);
    return typeof uid === "number" ? uid : undefined;
  }

  /** Subscribes to the changes first: none is missed between the answer and the subscription. */
  async function findOwner() {
    await match(`type='signal',sender='${DBUS}',interface='${DBUS}',member='NameOwnerChanged',arg0='${service}'`);
    const [name] = await askDaemon("GetNameOwner", service).catch((error: BusError) => {
      if (error.error === `${DBUS}.Error.NameHasNoOwner`) return [""];
      throw error;
    });
    isPresent = owner.found(String(name));
  }

  const bus: Bus = {
    ended: ended.signal,
    call: (request) => send(service, request),
    match,
    onSignal(listener) {
      library.on("message", (message) => {
        if (message.type !== MessageType.SIGNAL || message.sender === DBUS) return;
        const { path, interface: from, member, body } = message;
        outside(() => listener({ path, interface: from, member, body: body.map(unwrap) }));
      });
    },
    onCall(handler) {
      library.addMethodHandler((message) => {
        const { path, interface: from, member, body } = message;
        const answer = handler({ path, interface: from, member, body: body.map(unwrap) });
        if (!answer) return false;
        const send = (reply: Message) => {
          if (!ended.signal.aborted) library.send(reply);
        };
        answer.then(
          (values) => send(Message.newMethodReturn(message, signatureOf(values), [...values])),
          (error: BusError) => send(Message.newError(message, error.error, error.text)),
        );
        return true;
      });
    },
    get isPresent() {
      return isPresent;
    },
    onPresence: (listener) => void presence.push(listener),
    close() {
      const { stream } = connectionOf(library);
      stream?.end(() => stream.destroy());
      end("closed by us");
    },
  };

  try {
    await greeted(library, ended.signal, openLimitMs);
    await findOwner();
    return bus;
  } catch (error) {
    bus.close();
    throw error;
  }
}
