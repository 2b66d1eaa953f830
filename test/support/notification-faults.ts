import { exchangesOf, type Fixture } from "./fixture.ts";
import type { Answer, Script } from "./scripted-link.ts";
import { scriptOf } from "./scripted-link.ts";

/** A change to the notifications that answer one request. */
export type NotificationFault = (pieces: readonly Uint8Array[]) => readonly Uint8Array[];

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

/** Cut before this byte; in single bytes; as one notification; every notification twice. */
export const cutAt =
  (at: number): NotificationFault =>
  (pieces) =>
    [joined(pieces).slice(0, at), joined(pieces).slice(at)].filter((piece) => piece.length > 0);
export const singleBytes: NotificationFault = (pieces) => [...joined(pieces)].map((byte) => Uint8Array.of(byte));
export const glued: NotificationFault = (pieces) => [joined(pieces)];
export const doubled: NotificationFault = (pieces) => pieces.flatMap((piece) => [piece, piece]);

/** A stray notification before every piece, and after the last. */
export const mixedWith =
  (stray: Uint8Array): NotificationFault =>
  (pieces) => [...pieces.flatMap((piece) => [stray, piece]), stray];
/** Noise and the answer, in one notification. */
export const gluedBehind =
  (noise: Uint8Array): NotificationFault =>
  (pieces) => [joined([noise, ...pieces])];

export const truncatedAt =
  (at: number): NotificationFault =>
  (pieces) => {
    let left = at;
    return pieces.flatMap((piece) => {
      const kept = piece.slice(0, left);
      left -= kept.length;
      return kept.length > 0 ? [kept] : [];
    });
  };
export const withoutPiece =
  (lost: number): NotificationFault =>
  (pieces) =>
    pieces.filter((_, i) => i !== lost);
export const flippedAt =
  (at: number): NotificationFault =>
  (pieces) => {
    let before = 0;
    return pieces.map((piece) => {
      const flipped = piece.map((byte, i) => (before + i === at ? byte ^ (1 << (at % 8)) : byte));
      before += piece.length;
      return flipped;
    });
  };

/** True when no request is repeated: then its device can always give the same answers. */
export function isSteady(fixture: Fixture): boolean {
  const requests = exchangesOf(fixture).map(({ op, characteristic, bytes }) => `${op} ${characteristic} ${bytes}`);
  return new Set(requests).size === requests.length;
}

/** The device of a steady fixture, with its first answer to each request changed, or every answer. */
export function faultyScript(fixture: Fixture, fault: NotificationFault, when: "first" | "always" = "always"): Script {
  const recorded = scriptOf(exchangesOf(fixture));
  return (request, nth) => {
    const answers = recorded(request, 0);
    if (when === "first" && nth > 0) return answers;
    return fault(answers.map(({ bytes }) => bytes)).map((bytes): Answer => ({ bytes }));
  };
}

/** Number of bytes and of pieces of the longest answer of a fixture. */
export function longestAnswer(fixture: Fixture): { readonly bytes: number; readonly pieces: number } {
  const answers = exchangesOf(fixture).map((exchange) => exchange.answers);
  return {
    bytes: Math.max(0, ...answers.map((pieces) => joined(pieces).length)),
    pieces: Math.max(0, ...answers.map((pieces) => pieces.length)),
  };
}

/** Fixtures with equal requests and equal lengths of answers have the same shape. */
export function shapeOf(fixture: Fixture): string {
  return exchangesOf(fixture)
    .map(({ bytes, answers }) => `${bytes}: ${answers.map((piece) => piece.length)}`)
    .join("; ");
}
