import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { type MessageBus, Variant } from "@jellybrick/dbus-next";
import { BusError, unanswered } from "./bus-error.ts";

/** A value with its D-Bus type, as dictionaries of properties contain them. */
export function variant(signature: string, value: unknown): Variant {
  return new Variant(signature, value);
}

/** Resolves once the bus has assigned a name to this connection. */
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

/** The library's inner connection: only this emits the end. */
export function connectionOf(library: MessageBus): EventEmitter & { readonly stream?: Duplex } {
  return (library as unknown as { _connection: EventEmitter & { stream?: Duplex } })._connection;
}

/**
 * Passes everything that arrives through `filter` before the library reads it: the library keeps a message of any length
 * in memory, and one that it cannot decode ends the process.
 */
export function filterIncoming(library: MessageBus, filter: (chunk: Buffer) => Buffer): void {
  const connection = connectionOf(library);
  // Emitted between the handshake and the first message.
  connection.once("connect", () => {
    const { stream } = connection;
    if (!stream) return;
    const push = stream.push.bind(stream);
    stream.push = (chunk: Buffer | null) => push(chunk && filter(chunk));
  });
}

/** Calls `end` when the connection has ended, which the library does not report. */
export function whenOver(library: MessageBus, end: (why: string, cause?: unknown) => void): void {
  // The library's types lack this event, but without a listener an error would end the process.
  (library as EventEmitter).on("error", (error: Error) => end(error.message, error));
  connectionOf(library).on("end", () => end("the message bus closed the connection"));
}

/** The error of a closed connection, when that is the reason; any other is a bug and is returned unchanged. */
export function sendFailure(error: unknown, library: MessageBus): unknown {
  if (connectionOf(library).stream?.writable) return error;
  return new BusError("bus.ended", "the connection to the message bus is closed", { cause: error });
}

/** Runs a listener. The library swallows its errors; a bug must end the process instead. */
export function outside(work: () => void): void {
  try {
    work();
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}

/** The signature of an answer: strings and unsigned numbers. */
export function signatureOf(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === "number" ? "u" : "s")).join("");
}

/** Removes variants at any depth; bytes stay bytes. */
export function unwrap(value: unknown): unknown {
  if (value instanceof Variant) return unwrap(value.value);
  if (Array.isArray(value)) return value.map(unwrap);
  if (value !== null && typeof value === "object" && !(value instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
  }
  return value;
}
