import { encodeModuleFrame, MODULE_COMMANDS } from "../../agent/drivers/jbd/module-frame.ts";
import { type Delivery, inPieces, type Piece, wholeOf } from "../fault-layer.ts";
import { changeAnswers, type FaultKind, isRead, onEachLink, spoiled } from "./fault.ts";

/** Every piece arrives, but not as it was sent. */
export const PIECES = {
  delay: {
    about: "answers come later",
    settings: { ms: 500 },
    make: (settings, triggers) => changeAnswers(triggers, (reply) => later(reply, settings.number("ms"))),
  },
  gap: {
    about: "a pause between the pieces of an answer",
    settings: { ms: 60 },
    make: (settings, triggers) =>
      changeAnswers(triggers, (reply) => ({
        ...reply,
        pieces: reply.pieces.map((piece, i) => (i === 0 ? piece : paused(piece, settings.number("ms")))),
      })),
  },
  cut: {
    about: "answers are cut into pieces of this size; 0 is of any size",
    settings: { size: 0 },
    make: (settings, triggers) =>
      changeAnswers(triggers, (reply, line) => {
        const most = line.battery.mtu - 3;
        const wanted = settings.number("size");
        const size = () => (wanted > 0 ? Math.min(wanted, most) : 1 + Math.floor(line.random() * most));
        return { ...reply, pieces: cutAgain(reply, size) };
      }),
  },
  double: {
    about: "each notification arrives twice",
    settings: {},
    make: (_, triggers) =>
      changeAnswers(triggers, (reply) => {
        if (isRead(reply)) return reply;
        return { ...reply, pieces: reply.pieces.flatMap((piece) => [piece, { ...piece, afterMs: 0 }]) };
      }),
  },
  repeat: {
    about: "the whole answer comes a second time",
    settings: { ms: 20 },
    make: (settings, triggers) =>
      changeAnswers(triggers, (reply) => {
        if (isRead(reply)) return reply;
        const tookMs = reply.pieces.reduce((sum, { afterMs }) => sum + afterMs, 0);
        const bytes = wholeOf(reply);
        return [reply, unasked(reply.characteristic, bytes, tookMs + settings.number("ms"))];
      }),
  },
  flip: {
    about: "one bit of an answer is wrong; -1 is any",
    settings: { bit: -1 },
    make: (settings, triggers) =>
      changeAnswers(triggers, (reply, line) => {
        const bits = 8 * wholeOf(reply).length;
        if (bits === 0) return reply;
        const wanted = settings.number("bit");
        return spoiled(
          reply,
          "flip",
          flipped(reply.pieces, wanted >= 0 ? wanted % bits : Math.floor(line.random() * bits)),
        );
      }),
  },
  noise: {
    about: "a stranger's notification with each answer: zero, broadcast or module; before, between or after its pieces",
    settings: { kind: "broadcast", where: "before" },
    make: (settings, triggers) =>
      changeAnswers(triggers, (reply, line) => {
        if (isRead(reply)) return reply;
        const kind = settings.text("kind");
        const strange = { bytes: stranger(kind, line.random), afterMs: 0 };
        // A lone zero between two pieces could be a piece of its own: no reader can tell.
        const where = kind === "zero" && settings.text("where") === "between" ? "before" : settings.text("where");
        return { ...reply, pieces: among(reply.pieces, strange, where) };
      }),
  },
  broadcasts: {
    about: "unasked notifications that begin with 02 51, again and again",
    settings: { ms: 700 },
    make: (settings, triggers) =>
      onEachLink((line) => ({
        subscribed(characteristic) {
          const next = () => {
            if (triggers()) line.deliver(unasked(characteristic, stranger("broadcast", line.random)));
            line.clock.sleep(settings.number("ms"), line.over).then(next, () => {});
          };
          line.clock.sleep(settings.number("ms"), line.over).then(next, () => {});
        },
      })),
  },
  "stray-zero": {
    about: "a lone 00 right after each subscription",
    settings: {},
    make: (_, triggers) =>
      onEachLink((line) => ({
        subscribed(characteristic) {
          if (triggers()) line.deliver(unasked(characteristic, stranger("zero", line.random)));
        },
      })),
  },
} as const satisfies Record<string, FaultKind>;

function later(reply: Delivery, ms: number): Delivery {
  return { ...reply, pieces: reply.pieces.map((piece, i) => (i === 0 ? paused(piece, ms) : piece)) };
}

const paused = (piece: Piece, ms: number): Piece => ({ ...piece, afterMs: piece.afterMs + ms });

function cutAgain(reply: Delivery, size: () => number): Piece[] {
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
    const hit = copy[at];
    if (at >= 0 && hit !== undefined) copy[at] = hit ^ (1 << (bit % 8));
    at -= bytes.length;
    return { bytes: copy, afterMs };
  });
}

function among(pieces: readonly Piece[], strange: Piece, where: string): Piece[] {
  const [first, ...others] = pieces;
  if (!first) return [];
  if (where === "after") return [...pieces, strange];
  if (where === "between" && others.length > 0) return [first, strange, ...others];
  return [{ ...strange, afterMs: first.afterMs }, { ...first, afterMs: 0 }, ...others];
}

function stranger(kind: string, random: () => number): Uint8Array {
  if (kind === "zero") return Uint8Array.of(0);
  if (kind === "module") return encodeModuleFrame({ command: MODULE_COMMANDS.challenge, data: Uint8Array.of(0x37) });
  return Uint8Array.from({ length: 20 }, (_, i) => [0x02, 0x51][i] ?? Math.floor(random() * 256));
}

/** In pieces of a usual size, at once. */
function unasked(characteristic: string, bytes: Uint8Array, afterMs = 0): Delivery {
  return { characteristic, sample: {}, pieces: inPieces(bytes, 20, afterMs) };
}
