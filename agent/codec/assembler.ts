import { selections } from "./selections.ts";

/** The rules by which frames of one protocol are found in a stream of bytes. */
export interface Framing {
  /** The byte that each frame begins with, where it is always the same: starts are then found faster. */
  readonly firstByte?: number;
  /**
   * True where the checksum has a single byte: of many combinations of notifications one would pass by chance, so only the
   * usual disturbances are tried.
   */
  readonly isWeak?: true;
  /** True when a frame can begin with these bytes (at least one). */
  starts(bytes: Uint8Array): boolean;
  /** Length of the whole frame; undefined while too few bytes are known. */
  size(bytes: Uint8Array): number | undefined;
  /** The fault of a frame that has all its bytes; undefined when it is sound. */
  fault(frame: Uint8Array): FramingFault | undefined;
}

export type FramingFault = "checksum" | "malformed";

export type Assembled =
  | { readonly kind: "frame"; readonly bytes: Uint8Array }
  /** All declared bytes arrived in a row, and they are wrong. Later pieces may still make the frame sound. */
  | { readonly kind: "damaged"; readonly bytes: Uint8Array; readonly fault: FramingFault };

/**
 * Assembles frames from notifications that were cut anywhere, doubled, or mixed with stray ones.
 *
 * Every byte that can begin a frame is a start, so neither noise nor a start with an absurd length delays a good frame
 * behind it. Usually a frame is its start and all bytes that follow. Only where those turn out to be no sound frame, other
 * selections of the notifications are tried: each may be stray, or a repetition of the last one (selections.ts). Length,
 * checksum and end of frame decide which is sound; of several, the one that skips the fewest notifications is taken.
 */
export interface Assembler {
  /** Sound frames that this notification completes, in order; damaged ones only where no sound one follows. */
  push(notification: Uint8Array): Assembled[];
  /** Incomplete frames none of whose notifications was skipped. */
  pending(): readonly Uint8Array[];
  /** Forgets every beginning. */
  reset(): void;
}

/** A place where a frame can begin, and what followed it. */
interface Start {
  /** From the start to the end of its notification, then each later notification. */
  readonly pieces: Uint8Array[];
  /** Length of all pieces together. */
  length: number;
  /** Size of the frame, where the first piece holds enough bytes to know it: then no selection has another. */
  readonly sureSize: number | undefined;
  /** Size of the frame that all pieces in a row would be; undefined while too few bytes are known. */
  size: number | undefined;
  /** Length of the whole notification that it is in. */
  readonly notificationLength: number;
  /** Number of pieces with which all bytes in a row were no sound frame: some of them are to be skipped. */
  brokenAt: number | undefined;
}

interface Sound {
  readonly bytes: Uint8Array;
  readonly rest: Uint8Array;
  /** Number of notifications that the bytes are from, and of those between them. */
  readonly taken: number;
  readonly skipped: number;
}

/** Only a flood of tiny pieces reaches it; the youngest are kept. */
const MOST_STARTS = 64;
/** Notifications after which nothing is expected of a start whose bytes in a row were no sound frame. */
const LATEST_REPAIR = 64;

export function createAssembler(framing: Framing): Assembler {
  let open: Start[] = [];

  function startsIn(notification: Uint8Array): Start[] {
    const found: Start[] = [];
    for (let at = nextStart(notification, 0); at >= 0; at = nextStart(notification, at + 1)) {
      const bytes = notification.subarray(at);
      if (!framing.starts(bytes)) continue;
      const size = framing.size(bytes);
      const notificationLength = notification.length;
      const start = { pieces: [bytes], length: bytes.length, sureSize: size, size, notificationLength };
      found.push({ ...start, brokenAt: undefined });
    }
    return found;
  }

  function nextStart(notification: Uint8Array, from: number): number {
    if (framing.firstByte !== undefined) return notification.indexOf(framing.firstByte, from);
    return from < notification.length ? from : -1;
  }

  function append(start: Start, notification: Uint8Array): void {
    start.pieces.push(notification);
    start.length += notification.length;
    if (start.size !== undefined || start.brokenAt !== undefined) return;
    const bytes = joined(start.pieces);
    if (framing.starts(bytes)) start.size = framing.size(bytes);
    else start.brokenAt = start.pieces.length;
  }

  function removeNewest(start: Start): void {
    start.length -= start.pieces.pop()?.length ?? 0;
    if (start.brokenAt !== undefined && start.brokenAt > start.pieces.length) start.brokenAt = undefined;
  }

  /** The sound frame that the newest piece of a start completes. Damage of all bytes in a row is added to `damaged`. */
  function completed(start: Start, damaged: Assembled[]): Sound | undefined {
    const { pieces, size: expected = Number.POSITIVE_INFINITY } = start;
    if (start.length < expected && start.brokenAt === undefined) return undefined;
    for (const selected of selections(pieces, start.notificationLength, framing.isWeak === true)) {
      const frame = frameOf(selected, start);
      if (!frame) continue;
      const { bytes, rest, fault } = frame;
      const skipped = pieces.length - selected.length;
      if (!fault) return { bytes, rest, taken: selected.length, skipped };
      if (skipped > 0) continue;
      start.brokenAt = pieces.length;
      damaged.push({ kind: "damaged", bytes, fault });
    }
    return undefined;
  }

  /** The frame that a selection is with its newest piece, and was not without it. */
  function frameOf(selected: readonly Uint8Array[], { pieces, sureSize }: Start) {
    const length = lengthOf(selected);
    const newest = pieces.at(-1)?.length ?? 0;
    const isCompleted = (size: number) => length >= size && length - newest < size;
    if (sureSize !== undefined && !isCompleted(sureSize)) return undefined;
    const all = joined(selected);
    const size = framing.starts(all) ? framing.size(all) : undefined;
    if (size === undefined || !isCompleted(size)) return undefined;
    const bytes = all.slice(0, size);
    return { bytes, rest: all.slice(size), fault: framing.fault(bytes) };
  }

  function advance(older: Start[], younger: Start[], notification: Uint8Array): Assembled[] {
    const damaged: Assembled[] = [];
    for (const start of older) append(start, notification);
    const all = [...older, ...younger];
    const best = all
      .flatMap((start) => completed(start, damaged) ?? [])
      .reduce<Sound | undefined>((kept, next) => (kept && kept.skipped <= next.skipped ? kept : next), undefined);
    if (!best) {
      const hopeful = all.filter(({ pieces, brokenAt = pieces.length }) => pieces.length - brokenAt < LATEST_REPAIR);
      open = hopeful.slice(-MOST_STARTS);
      return damaged;
    }
    // A frame of one notification may have come between the pieces of another; one of several explains all of them.
    const others = best.taken === 1 ? older : [];
    for (const start of others) removeNewest(start);
    const later = advance([], startsIn(best.rest), best.rest);
    open = [...others, ...open];
    return [{ kind: "frame", bytes: best.bytes }, ...later];
  }

  return {
    push: (notification) => (notification.length === 0 ? [] : advance(open, startsIn(notification), notification)),
    pending: () => open.filter(({ brokenAt }) => brokenAt === undefined).map(({ pieces }) => joined(pieces)),
    reset() {
      open = [];
    },
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first, ...more] = pieces;
  if (first && more.length === 0) return first;
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}
