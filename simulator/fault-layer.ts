import type { Advertisement } from "../agent/radio/radio.ts";
import type { Sample } from "../common/model/reading.ts";
import type { Clock } from "../common/runtime/clock.ts";
import type { Battery, Request } from "./battery.ts";
import type { AttError } from "./peripheral.ts";

/**
 * A fault between a battery and its central. Layers surround a battery, the newest outermost. A request passes them from
 * the outermost inwards and its answer the other way; each layer may change, delay, multiply or drop what it passes on.
 */
export interface FaultLayer {
  /** The fault as it was set: `delay:ms=500`. */
  readonly spec: string;
  /** The advertisement, made from that of the layers inside; undefined is silence. */
  advertise?(inner: Advertisement | undefined): Advertisement | undefined;
  /** A central connects. @throws {ConnectRefused} */
  onConnect?(): void;
  /** A link begins, or exists when the layer is added. */
  onLink?(line: LinkContext): LinkHandlers;
}

/** Handlers of a layer for one link. Where one is absent, everything passes unchanged. */
export interface LinkHandlers {
  subscribed?(characteristic: string): void;
  request?(request: IssuedRequest): void;
  answer?(transmission: Transmission): void;
}

/** A link as seen by a layer. */
export interface LinkContext {
  readonly battery: Battery;
  readonly clock: Clock;
  /** Uniform in [0, 1), the same sequence for the same seed. */
  readonly random: () => number;
  /** Aborts when the link ends or the layer is removed. */
  readonly ended: AbortSignal;
  /** Passes a request inwards. */
  forward(request: IssuedRequest): void;
  /** Passes an answer outwards. */
  send(transmission: Transmission): void;
  /** Ends the link with an HCI reason. */
  disconnect(reason: number): void;
}

/** A request of a central. */
export interface IssuedRequest extends Request {
  readonly register: string;
  /** Monotonic time, ms. */
  readonly issuedAt: number;
}

/** An answer or unrequested bytes, as they travel to the central. */
export interface Transmission {
  /** The request that is answered; absent for unrequested bytes. */
  readonly request?: IssuedRequest;
  readonly characteristic: string;
  readonly pieces: readonly Piece[];
  /** An ATT error in place of a value. */
  readonly error?: AttError;
  readonly sample: Sample;
  /** Fault after which no correct reader can decode the sample; absent while the answer is intact. */
  readonly spoiledBy?: string;
  /** Called when the last piece has been sent. */
  readonly onSent?: () => void;
}

/** One notification, or one response to a read. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** Time after the previous piece, or after the request, ms. */
  readonly afterMs: number;
}

/** All bytes of a transmission. */
export function wholeOf(transmission: Transmission): Uint8Array {
  return Uint8Array.from(transmission.pieces.flatMap(({ bytes }) => [...bytes]));
}

/** Bytes split into pieces of at most `size`: the first after `afterMs`, the others immediately after it. */
export function inPieces(bytes: Uint8Array, size: number, afterMs: number): Piece[] {
  const count = Math.max(1, Math.ceil(bytes.length / size));
  return Array.from({ length: count }, (_, i) => ({
    bytes: bytes.subarray(i * size, (i + 1) * size),
    afterMs: i === 0 ? afterMs : 0,
  }));
}
