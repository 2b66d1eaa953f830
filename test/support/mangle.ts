import { exchangesOf, type Fixture } from "./fixture.ts";
import type { Answer, Script } from "./scripted-link.ts";
import { scriptOf } from "./scripted-link.ts";

/** What the radio makes of the notifications that answer one request. */
export type Mangle = (pieces: readonly Uint8Array[]) => readonly Uint8Array[];

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

/** One answer, cut before this byte; all in single bytes; as one notification; every notification twice. */
export const cutAt =
  (at: number): Mangle =>
  (pieces) =>
    [joined(pieces).slice(0, at), joined(pieces).slice(at)].filter((piece) => piece.length > 0);
export const singleBytes: Mangle = (pieces) => [...joined(pieces)].map((byte) => Uint8Array.of(byte));
export const glued: Mangle = (pieces) => [joined(pieces)];
export const doubled: Mangle = (pieces) => pieces.flatMap((piece) => [piece, piece]);

/** A stranger's notification before every piece, and behind the last. */
export const mixedWith =
  (stranger: Uint8Array): Mangle =>
  (pieces) => [...pieces.flatMap((piece) => [stranger, piece]), stranger];
/** Noise and the answer in one notification. */
export const gluedBehind =
  (noise: Uint8Array): Mangle =>
  (pieces) => [joined([noise, ...pieces])];

export const truncatedAt =
  (at: number): Mangle =>
  (pieces) => {
    let left = at;
    return pieces.flatMap((piece) => {
      const kept = piece.slice(0, left);
      left -= kept.length;
      return kept.length > 0 ? [kept] : [];
    });
  };
export const withoutPiece =
  (lost: number): Mangle =>
  (pieces) =>
    pieces.filter((_, i) => i !== lost);
export const flippedAt =
  (at: number): Mangle =>
  (pieces) => {
    let before = 0;
    return pieces.map((piece) => {
      const flipped = piece.map((byte, i) => (before + i === at ? byte ^ (1 << (at % 8)) : byte));
      before += piece.length;
      return flipped;
    });
  };

/** Whether no request of the fixture is asked twice: then its device can answer the same for ever. */
export function isSteady(fixture: Fixture): boolean {
  const requests = exchangesOf(fixture).map(({ op, characteristic, bytes }) => `${op} ${characteristic} ${bytes}`);
  return new Set(requests).size === requests.length;
}

/** A steady fixture's device; the radio mangles its first answer to each request, or every answer. */
export function mangledScript(fixture: Fixture, mangle: Mangle, when: "first" | "always" = "always"): Script {
  const recorded = scriptOf(exchangesOf(fixture));
  return (request, nth) => {
    const answers = recorded(request, 0);
    if (when === "first" && nth > 0) return answers;
    return mangle(answers.map(({ bytes }) => bytes)).map((bytes): Answer => ({ bytes }));
  };
}

/** Bytes and pieces of the longest answer of a fixture. */
export function longestAnswer(fixture: Fixture): { readonly bytes: number; readonly pieces: number } {
  const answers = exchangesOf(fixture).map((exchange) => exchange.answers);
  return {
    bytes: Math.max(0, ...answers.map((pieces) => joined(pieces).length)),
    pieces: Math.max(0, ...answers.map((pieces) => pieces.length)),
  };
}

/** What the radio sees of a fixture: its requests and the lengths of its answers. */
export function shapeOf(fixture: Fixture): string {
  return exchangesOf(fixture)
    .map(({ bytes, answers }) => `${bytes}: ${answers.map((piece) => piece.length)}`)
    .join("; ");
}
