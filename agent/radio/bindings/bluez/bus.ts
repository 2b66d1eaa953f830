import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import {
  DBusError,
  Message,
  type MessageBus,
  MessageFlag,
  MessageType,
  sessionBus,
  Variant,
} from "@jellybrick/dbus-next";
import { DBUS } from "./names.ts";

/**
 * The little that we need of D-Bus, with what the library lacks: a pending call fails when the connection ends or its
 * time is up (the library leaves it pending for ever), and the end of the connection is told.
 */
export interface Bus {
  /** The reply's values, variants unwrapped. @throws {BusError} */
  call(request: Call): Promise<readonly unknown[]>;
  /** Asks the bus for the signals of a match rule. @throws {BusError} */
  match(rule: string): Promise<void>;
  /** @throws {BusError} */
  unmatch(rule: string): Promise<void>;
  /** Every signal that any rule matches. */
  onSignal(listener: (signal: Signal) => void): void;
  /**
   * Answers calls that others make on us; undefined leaves a call to the library, which knows the standard ones, and a
   * rejection with a BusError refuses it.
   */
  onCall(handler: (call: IncomingCall) => Promise<readonly unknown[]> | undefined): void;
  /** Aborts when the connection is gone; the reason is a BusError. */
  readonly ended: AbortSignal;
  close(): void;
}

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** 10,000 unless told. */
  readonly limitMs?: number;
}

export interface Signal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export interface IncomingCall extends Signal {
  /** Unique name of the caller. */
  readonly sender: string;
}

/** `name` is D-Bus' error name, or one of ours: `bus.ended`, `bus.timeout`. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly error: string;
  readonly text: string;
  constructor(error: string, text: string, options?: ErrorOptions) {
    super(`${error}: ${text}`, options);
    this.error = error;
    this.text = text;
  }
}

/** D-Bus' own name for a value of any type, as dictionaries of properties hold them. */
export function variant(signature: string, value: unknown): Variant {
  return new Variant(signature, value);
}

/** Where the system bus listens, as libdbus finds it. */
export function systemBusAddress(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.DBUS_SYSTEM_BUS_ADDRESS ?? "unix:path=/run/dbus/system_bus_socket";
}

const OPEN_LIMIT_MS = 8_000;
const CALL_LIMIT_MS = 10_000;
/** The message bus itself, as a partner for calls. */
export const DBUS_DAEMON = { destination: DBUS, path: "/org/freedesktop/DBus", interface: DBUS } as const;

/** @throws {BusError} where nobody listens, or nobody answers */
export async function openBus(address: string, openLimitMs = OPEN_LIMIT_MS): Promise<Bus> {
  // The library's systemBus() takes no address; sessionBus() connects to any.
  const library = sessionBus({ busAddress: address });
  const ended = new AbortController();
  const pending = new Set<(error: unknown) => void>();

  function end(why: string, cause?: unknown) {
    if (ended.signal.aborted) return;
    const error = new BusError("bus.ended", why, { cause });
    ended.abort(error);
    for (const fail of pending) fail(error);
    pending.clear();
  }
  whenOver(library, end);

  /** The outcome of `work`, or a BusError when the connection ends first or `limitMs` has passed. */
  function bounded<T>(work: Promise<T>, limitMs: number, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = () => fail(new BusError("bus.timeout", `no answer to ${what} within ${limitMs / 1000} s`));
      const timer = setTimeout(late, limitMs);
      const settle = () => {
        clearTimeout(timer);
        pending.delete(fail);
      };
      const fail = (error: unknown) => {
        settle();
        reject(error);
      };
      pending.add(fail);
      work.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => fail(translate(error, library)),
      );
    });
  }

  const bus: Bus = {
    ended: ended.signal,
    async call({ limitMs = CALL_LIMIT_MS, body = [], ...request }) {
      ended.signal.throwIfAborted();
      // A service that an administrator has stopped stays stopped.
      const message = new Message({ ...request, body: [...body], flags: MessageFlag.NO_AUTO_START });
      const reply = await bounded(library.call(message), limitMs, request.member);
      return (reply?.body ?? []).map(unwrap);
    },
    match: async (rule) => void (await bus.call({ ...DBUS_DAEMON, member: "AddMatch", signature: "s", body: [rule] })),
    unmatch: async (rule) =>
      void (await bus.call({ ...DBUS_DAEMON, member: "RemoveMatch", signature: "s", body: [rule] })),
    onSignal(listener) {
      library.on("message", (message) => {
        if (message.type !== MessageType.SIGNAL) return;
        const { path, interface: from, member, body } = message;
        outside(() => listener({ path, interface: from, member, body: body.map(unwrap) }));
      });
    },
    onCall(handler) {
      library.addMethodHandler((message) => {
        const { path, interface: from, member, sender, body } = message;
        const answer = handler({ path, interface: from, member, sender, body: body.map(unwrap) });
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
    close() {
      const { stream } = connectionOf(library);
      stream?.end(() => stream.destroy());
      end("closed by us");
    },
  };

  const connected = new Promise<void>((resolve) => library.once("connect", resolve));
  try {
    await bounded(connected, openLimitMs, `the greeting at ${address}`);
  } catch (error) {
    bus.close();
    throw error;
  }
  return bus;
}

/** Only the library's inner connection tells that it has ended. */
function connectionOf(library: MessageBus): EventEmitter & { readonly stream?: Duplex } {
  return (library as unknown as { _connection: EventEmitter & { stream?: Duplex } })._connection;
}

function whenOver(library: MessageBus, end: (why: string, cause?: unknown) => void): void {
  // Not among the library's typed events, yet without a listener an error here would end the process.
  (library as EventEmitter).on("error", (error: Error) => end(error.message, error));
  connectionOf(library).on("end", () => end("the message bus closed the connection"));
}

/** What the peer said, or the connection's end; anything else is a mistake of ours and stays as it is. */
function translate(error: unknown, library: MessageBus): unknown {
  if (error instanceof DBusError) return new BusError(error.type, error.text, { cause: error });
  if (connectionOf(library).stream?.writable) return error;
  return new BusError("bus.ended", "the connection to the message bus is closed", { cause: error });
}

/** The library swallows what a listener throws: a mistake of ours must end the process instead. */
function outside(work: () => void): void {
  try {
    work();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}

/** We answer calls with nothing, a string or an unsigned number. */
function signatureOf(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "number" ? "u" : "s")).join("");
}

/** Values without their variants, at any depth; bytes stay bytes. */
function unwrap(value: unknown): unknown {
  if (value instanceof Variant) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (value !== null && typeof value === "object" && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
  }
  return value;
}
