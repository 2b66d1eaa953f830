import { encodeModuleFrame, MODULE_COMMANDS } from "../../agent/drivers/jbd/module-frame.ts";
import { inPieces, type Piece, type Transmission, wholeOf } from "../fault-layer.ts";
import { changeAnswers, type FaultKind, isRead, onEachLink, spoiled } from "./fault.ts";

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
  noise: {
    about: "a foreign notification with each answer: zero, broadcast or module; before, between or after its pieces",
    settings: { kind: "broadcast", where: "before" },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        if (isRead(reply)) return reply;
        const kind = settings.text("kind");
        const foreign = { bytes: foreignBytes(kind, link.random), afterMs: 0 };
        // No reader can distinguish a lone zero between two pieces from a piece of the answer.
        const where = kind === "zero" && settings.text("where") === "between" ? "before" : settings.text("where");
        return { ...reply, pieces: inserted(reply.pieces, foreign, where) };
      }),
  },
  broadcasts: {
    about: "unrequested notifications that begin with 02 51, repeatedly",
    settings: { ms: 700 },
    make: (settings, trigger) =>
      onEachLink((link) => ({
        subscribed(characteristic) {
          const next = () => {
            if (trigger()) link.send(unrequested(characteristic, foreignBytes("broadcast", link.random)));
            link.clock.sleep(settings.number("ms"), link.ended).then(next, () => {});
          };
          link.clock.sleep(settings.number("ms"), link.ended).then(next, () => {});
        },
      })),
  },
  "stray-zero": {
    about: "a lone 00 immediately after each subscription",
    settings: {},
    make: (_, trigger) =>
      onEachLink((link) => ({
        subscribed(characteristic) {
          if (trigger()) link.send(unrequested(characteristic, foreignBytes("zero", link.random)));
        },
      })),
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

function inserted(pieces: readonly Piece[], foreign: Piece, where: string): Piece[] {
  const [first, ...others] = pieces;
  if (!first) return [];
  if (where === "after") return [...pieces, foreign];
  if (where === "between" && others.length > 0) return [first, foreign, ...others];
  return [{ ...foreign, afterMs: first.afterMs }, { ...first, afterMs: 0 }, ...others];
}

function foreignBytes(kind: string, random: () => number): Uint8Array {
  if (kind === "zero") return Uint8Array.of(0);
  if (kind === "module") return encodeModuleFrame({ command: MODULE_COMMANDS.challenge, data: Uint8Array.of(0x37) });
  return Uint8Array.from({ length: 20 }, (_, i) => [0x02, 0x51][i] ?? Math.floor(random() * 256));
}

/** Unrequested bytes in pieces of the usual 20 bytes. */
function unrequested(characteristic: string, bytes: Uint8Array, afterMs = 0): Transmission {
  return { characteristic, sample: {}, pieces: inPieces(bytes, 20, afterMs) };
}
