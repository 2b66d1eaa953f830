import type { Advertisement } from "../agent/radio/radio.ts";
import type { Sample } from "../common/model/reading.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Battery, Request } from "./battery.ts";
import type { AttError } from "./peripheral.ts";

/**
 * Something between a battery and its central: mostly a fault. Behaviours stand around a battery like shells, the
 * newest outermost. A request passes them from the newest inwards, an answer comes back the other way; each may change,
 * hold back, multiply or drop what passes.
 */
export interface Layer {
  /** As it was set: `delay:ms=500`. */
  readonly words: string;
  /** What is broadcast, from what the shells within would broadcast. */
  advertise?(own: Advertisement | undefined): Advertisement | undefined;
  /** A central wants to connect. @throws {ConnectRefused} */
  admit?(): void;
  /** A link begins, or was there when the layer was set. */
  onLink?(line: LinkContext): LinkHandlers;
}

/** A layer's part in one link. What it leaves out passes unchanged. */
export interface LinkHandlers {
  subscribed?(characteristic: string): void;
  request?(request: Call): void;
  answer?(delivery: Delivery): void;
}

/** One link as a layer stands in it. */
export interface LinkContext {
  readonly battery: Battery;
  readonly clock: Clock;
  /** From 0 up to 1, the same sequence for the same seed. */
  readonly random: () => number;
  /** Aborts when the link ends or the layer is taken away. */
  readonly over: AbortSignal;
  /** Hands a request on inwards. */
  ask(request: Call): void;
  /** Hands an answer on outwards. */
  deliver(delivery: Delivery): void;
  /** Ends the link with an HCI reason. */
  hangUp(reason: number): void;
}

/** A request on its way. */
export interface Call extends Request {
  readonly register: string;
  /** The clock's monotonic time at which it was made, in ms. */
  readonly askedAt: number;
}

/** An answer, or noise, on its way. */
export interface Delivery {
  /** The request that it answers; absent for what nobody asked for. */
  readonly call?: Call;
  readonly characteristic: string;
  readonly pieces: readonly Piece[];
  /** An ATT error in place of a value. */
  readonly error?: AttError;
  readonly sample: Sample;
  /** Why no right reader can get the sample out of it; absent while it is whole. */
  readonly spoiledBy?: string;
  /** What happens when the last piece has been handed out. */
  readonly afterwards?: () => void;
}

/** One notification, or one response to a read. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** After the piece before it, or after the request. */
  readonly afterMs: number;
}

/** The bytes of a delivery in one. */
export function wholeOf(delivery: Delivery): Uint8Array {
  return Uint8Array.from(delivery.pieces.flatMap(({ bytes }) => [...bytes]));
}

/** Bytes cut into pieces of at most `size`, the first after `afterMs`, the others at once. */
export function inPieces(bytes: Uint8Array, size: number, afterMs: number): Piece[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, i) => ({
    bytes: bytes.subarray(i * size, (i + 1) * size),
    afterMs: i === 0 ? afterMs : 0,
  }));
}
