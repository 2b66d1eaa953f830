/** How frames of one protocol are told in a stream of bytes. */
export interface Framing {
  /** Whether a frame can begin with these bytes (one at least). */
  starts(bytes: Uint8Array): boolean;
  /** Length of the whole frame; undefined while too few bytes are there to tell. */
  size(bytes: Uint8Array): number | undefined;
  /** What is wrong with a frame that has all its bytes; undefined when it is sound. */
  fault(frame: Uint8Array): FramingFault | undefined;
}

export type FramingFault = "checksum" | "malformed";

export type Assembled =
  | { readonly kind: "frame"; readonly bytes: Uint8Array }
  /** All bytes that the frame declared came in a row, and they are wrong. Later pieces may still make it sound. */
  | { readonly kind: "damaged"; readonly bytes: Uint8Array; readonly fault: FramingFault };

/**
 * Puts frames together from notifications that were cut anywhere, doubled, or mixed with strangers' ones.
 *
 * Every byte that can begin a frame is followed up as a candidate of its own, so neither noise nor a start with an absurd
 * length holds up a good frame behind it. Every notification may be a stranger's, or the radio's repetition of the last
 * one, so each candidate also lives on without it. Length, checksum and end of the frame decide which candidate is
 * true; where several are, the one that passed over the fewest notifications is taken.
 */
export interface Assembler {
  /** What this notification completes: sound frames in their order; damage only where nothing sound follows. */
  push(notification: Uint8Array): Assembled[];
  /** Beginnings of frames that came without a gap and are not complete. */
  pending(): readonly Uint8Array[];
  /** Forgets every beginning. */
  reset(): void;
}

interface Candidate {
  readonly bytes: Uint8Array;
  /** Notifications that the bytes are of. */
  readonly pieces: number;
  /** Notifications passed over since the start. */
  readonly skipped: number;
}

/** More than a 71-byte reply in doubled 20-byte pieces has; only a flood of tiny pieces reaches it. */
const MOST_CANDIDATES = 256;

export function createAssembler(framing: Framing): Assembler {
  let open: readonly Candidate[] = [];

  /** Splits candidates by what their bytes say: sound, wrong, or still open. */
  function judge(candidates: readonly Candidate[]) {
    const sound: (Candidate & { readonly rest: Uint8Array })[] = [];
    const damaged: Assembled[] = [];
    const waiting: Candidate[] = [];
    for (const candidate of candidates) {
      if (!framing.starts(candidate.bytes)) continue;
      const size = framing.size(candidate.bytes);
      if (size === undefined || candidate.bytes.length < size) {
        waiting.push(candidate);
        continue;
      }
      const bytes = candidate.bytes.slice(0, size);
      const fault = framing.fault(bytes);
      if (!fault) sound.push({ ...candidate, bytes, rest: candidate.bytes.slice(size) });
      else if (candidate.skipped === 0) damaged.push({ kind: "damaged", bytes, fault });
    }
    return { sound, damaged, waiting };
  }

  function startsIn(notification: Uint8Array): Candidate[] {
    const found: Candidate[] = [];
    for (let at = 0; at < notification.length; at++) {
      const bytes = notification.subarray(at);
      if (framing.starts(bytes)) found.push({ bytes, pieces: 1, skipped: 0 });
    }
    return found;
  }

  function advance(candidates: readonly Candidate[], passedOver: readonly Candidate[]): Assembled[] {
    const { sound, damaged, waiting } = judge(candidates);
    const best = sound.reduce<(typeof sound)[number] | undefined>(
      (kept, next) => (kept && kept.skipped <= next.skipped ? kept : next),
      undefined,
    );
    if (!best) {
      open = bounded([...waiting, ...passedOver]);
      return damaged;
    }
    // Inside of one notification it may have come between the pieces of another; of several, it shows what those were.
    const others = best.pieces === 1 ? passedOver : [];
    return [{ kind: "frame", bytes: best.bytes }, ...advance(startsIn(best.rest), others)];
  }

  return {
    push(notification) {
      if (notification.length === 0) return [];
      const continued = open.map(({ bytes, pieces, skipped }) => ({
        bytes: joined(bytes, notification),
        pieces: pieces + 1,
        skipped,
      }));
      const passedOver = open.map((candidate) => ({ ...candidate, skipped: candidate.skipped + 1 }));
      return advance([...continued, ...startsIn(notification)], passedOver);
    },
    pending: () => open.filter(({ skipped }) => skipped === 0).map(({ bytes }) => bytes),
    reset() {
      open = [];
    },
  };
}

/** Fewest gaps first; among equals the order of their starts is kept, and the oldest go first when there are too many. */
function bounded(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length <= MOST_CANDIDATES) return candidates;
  const kept = new Set(
    [...candidates]
      .reverse()
      .sort((a, b) => a.skipped - b.skipped)
      .slice(0, MOST_CANDIDATES),
  );
  return candidates.filter((candidate) => kept.has(candidate));
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
