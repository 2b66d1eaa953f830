import { type Piece, type Transmission, wholeOf } from "../fault-layer.ts";
import { changeAnswers, type FaultKind, isRead, spoiled, unrequested } from "./fault.ts";

/** Faults that change when and how the pieces of an answer arrive. */
export const PIECES = {
  delay: {
    about: "answers arrive later",
    settings: { ms: 500 },
    make: (settings, trigger) => changeAnswers(trigger, (reply) => later(reply, settings.number("ms"))),
  },
  gap: {
    about: "a pause between the pieces of an answer",
    settings: { ms: 60 },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply) => ({
        ...reply,
        pieces: reply.pieces.map((piece, i) => (i === 0 ? piece : paused(piece, settings.number("ms")))),
      })),
  },
  cut: {
    about: "answers are split into pieces of this size, bytes; 0 is random",
    settings: { size: 0 },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        const most = link.battery.mtu - 3;
        const wanted = settings.number("size");
        const size = () => (wanted > 0 ? Math.min(wanted, most) : 1 + Math.floor(link.random() * most));
        return { ...reply, pieces: splitAgain(reply, size) };
      }),
  },
  double: {
    about: "each notification arrives twice",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply) => {
        if (isRead(reply)) return reply;
        return { ...reply, pieces: reply.pieces.flatMap((piece) => [piece, { ...piece, afterMs: 0 }]) };
      }),
  },
  repeat: {
    about: "the whole answer arrives a second time",
    settings: { ms: 20 },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply) => {
        if (isRead(reply)) return reply;
        const tookMs = reply.pieces.reduce((sum, { afterMs }) => sum + afterMs, 0);
        const bytes = wholeOf(reply);
        return [reply, unrequested(reply.characteristic, bytes, tookMs + settings.number("ms"))];
      }),
  },
  flip: {
    about: "one bit of an answer is inverted; -1 is random",
    settings: { bit: -1 },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        const bits = 8 * wholeOf(reply).length;
        if (bits === 0) return reply;
        const wanted = settings.number("bit");
        return spoiled(
          reply,
          "flip",
          flipped(reply.pieces, wanted >= 0 ? wanted % bits : Math.floor(link.random() * bits)),
        );
      }),
  },
} as const satisfies Record<string, FaultKind>;

function later(reply: Transmission, ms: number): Transmission {
  return { ...reply, pieces: reply.pieces.map((piece, i) => (i === 0 ? paused(piece, ms) : piece)) };
}

const paused = (piece: Piece, ms: number): Piece => ({ ...piece, afterMs: piece.afterMs + ms });

function splitAgain(reply: Transmission, size: () => number): Piece[] {
  let rest = wholeOf(reply);
  const pieces: Piece[] = [];
  while (rest.length > 0) {
    const length = size();
    pieces.push({
      bytes: rest.subarray(0, length),
      afterMs: pieces.length === 0 ? (reply.pieces[0]?.afterMs ?? 0) : 0,
    });
    rest = rest.subarray(length);
  }
  return pieces;
}

function flipped(pieces: readonly Piece[], bit: number): Piece[] {
  let at = Math.floor(bit / 8);
  return pieces.map(({ bytes, afterMs }) => {
    const copy = Uint8Array.from(bytes);
    const byte = copy[at];
    if (at >= 0 && byte !== undefined) copy[at] = byte ^ (1 << (bit % 8));
    at -= bytes.length;
    return { bytes: copy, afterMs };
  });
}
