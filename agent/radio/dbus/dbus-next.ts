import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { type MessageBus, Variant } from "@jellybrick/dbus-next";
import { BusError, unanswered } from "./bus-error.ts";

/** D-Bus' own name for a value of any type, as dictionaries of properties hold them. */
export function variant(signature: string, value: unknown): Variant {
  return new Variant(signature, value);
}

/** Resolves once the bus has given us a name. */
export function greeted(library: MessageBus, ended: AbortSignal, limitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unanswered("the greeting", limitMs)), limitMs);
    library.once("connect", () => {
      clearTimeout(timer);
      resolve();
    });
    ended.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(ended.reason);
    });
  });
}

/** Only the library's inner connection tells that it has ended. */
export function connectionOf(library: MessageBus): EventEmitter & { readonly stream?: Duplex } {
  return (library as unknown as { _connection: EventEmitter & { stream?: Duplex } })._connection;
}

/** Tells the end of the connection, of which the library's users learn otherwise nothing. */
export function whenOver(library: MessageBus, end: (why: string, cause?: unknown) => void): void {
  // Not among the library's typed events, yet without a listener an error here would end the process.
  (library as EventEmitter).on("error", (error: Error) => end(error.message, error));
  connectionOf(library).on("end", () => end("the message bus closed the connection"));
}

/** The connection's end, where it is the reason; anything else is a mistake of ours and stays as it is. */
export function sendFailure(error: unknown, library: MessageBus): unknown {
  if (connectionOf(library).stream?.writable) return error;
  return new BusError("bus.ended", "the connection to the message bus is closed", { cause: error });
}

/** The library swallows what a listener throws: a mistake of ours must end the process instead. */
export function outside(work: () => void): void {
  try {
    work();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}

/** We answer calls with nothing, a string or an unsigned number. */
export function signatureOf(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "number" ? "u" : "s")).join("");
}

/** Values without their variants, at any depth; bytes stay bytes. */
export function unwrap(value: unknown): unknown {
  if (value instanceof Variant) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (value !== null && typeof value === "object" && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
  }
  return value;
}
