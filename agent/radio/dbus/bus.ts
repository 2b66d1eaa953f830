import { Message, MessageFlag, MessageType, sessionBus } from "@jellybrick/dbus-next";
import { BusError, unanswered } from "./bus-error.ts";
import { connectionOf, greeted, outside, sendFailure, signatureOf, unwrap, whenOver } from "./dbus-next.ts";

/**
 * The part of D-Bus that BlueZ needs, with what the library lacks: a pending call fails when the connection ends or its
 * time is up (the library leaves it pending for ever), and the end of the connection is reported.
 */
export interface Bus {
  /** The reply's values, variants unwrapped. @throws {BusError} */
  call(request: Call): Promise<readonly unknown[]>;
  /** Subscribes to the signals of a match rule. @throws {BusError} */
  match(rule: string): Promise<void>;
  /** Calls the listener with every signal that any rule matches. */
  onSignal(listener: (signal: Signal) => void): void;
  /**
   * Answers the calls of others. Undefined leaves a call to the library, which answers the standard ones; a rejection
   * with a BusError refuses it.
   */
  onCall(handler: (call: IncomingCall) => Promise<readonly unknown[]> | undefined): void;
  /** Aborts when the connection has ended; the reason is a BusError. */
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
  /** 10,000 by default. */
  readonly limitMs?: number;
  /** Called with the reply's values before any signal that follows the reply, which a promise cannot guarantee. */
  readonly arrived?: (values: readonly unknown[]) => void;
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

/** The address of the system bus, by the rules of libdbus. */
export function systemBusAddress(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.DBUS_SYSTEM_BUS_ADDRESS ?? "unix:path=/run/dbus/system_bus_socket";
}

const OPEN_LIMIT_MS = 8_000;
const CALL_LIMIT_MS = 10_000;
const DBUS = "org.freedesktop.DBus";
/** The message bus itself, as the destination of calls. */
export const DBUS_DAEMON = { destination: DBUS, path: "/org/freedesktop/DBus", interface: DBUS } as const;

interface PendingCall {
  answered(reply: Message): void;
  failed(error: unknown): void;
}

/** @throws {BusError} when nothing listens at the address, or the bus does not answer */
export async function openBus(address: string, openLimitMs = OPEN_LIMIT_MS): Promise<Bus> {
  // The library's systemBus() has no parameter for an address; sessionBus() connects to any.
  const library = sessionBus({ busAddress: address });
  const ended = new AbortController();
  const pending = new Map<number, PendingCall>();

  function end(why: string, cause?: unknown) {
    if (ended.signal.aborted) return;
    const error = new BusError("bus.ended", why, { cause });
    ended.abort(error);
    for (const call of pending.values()) call.failed(error);
  }
  whenOver(library, end);
  library.on("message", (message) => {
    if (message.replySerial !== undefined) pending.get(message.replySerial)?.answered(message);
  });

  // The library's own call() never frees unanswered calls, and its promise resolves after later signals.
  function call({ limitMs = CALL_LIMIT_MS, body = [], arrived, ...request }: Call): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      ended.signal.throwIfAborted();
      const serial = library.newSerial();
      const timer = setTimeout(() => pending.get(serial)?.failed(unanswered(request.member, limitMs)), limitMs);
      const forget = () => {
        clearTimeout(timer);
        pending.delete(serial);
      };
      pending.set(serial, {
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
      // A call must not start a service that an administrator has stopped.
      const flags = MessageFlag.NO_AUTO_START;
      try {
        library.send(new Message({ ...request, serial, body: [...body], flags }));
      } catch (error) {
        pending.get(serial)?.failed(sendFailure(error, library));
      }
    });
  }

  const bus: Bus = {
    ended: ended.signal,
    call,
    match: async (rule) => void (await call({ ...DBUS_DAEMON, member: "AddMatch", signature: "s", body: [rule] })),
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

  try {
    await greeted(library, ended.signal, openLimitMs);
    return bus;
  } catch (error) {
    bus.close();
    throw error;
  }
}
