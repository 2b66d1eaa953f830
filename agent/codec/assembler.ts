/** The rules by which frames of one protocol are found in a stream of bytes. */
export interface Framing {
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
 * Every byte that can begin a frame starts a candidate, so neither noise nor a start with an absurd length delays a good
 * frame behind it. Every notification may be stray, or a repetition of the last one, so each candidate also continues
 * without it. Length, checksum and end of frame decide which candidate is sound; of several, the one that skipped the
 * fewest notifications is taken.
 */
export interface Assembler {
  /** Sound frames that this notification completes, in order; damaged ones only where no sound one follows. */
  push(notification: Uint8Array): Assembled[];
  /** Incomplete frames none of whose notifications was skipped. */
  pending(): readonly Uint8Array[];
  /** Forgets every beginning. */
  reset(): void;
}

interface Candidate {
  readonly bytes: Uint8Array;
  /** Number of notifications that the bytes are from. */
  readonly pieces: number;
  /** Number of notifications skipped since the start. */
  readonly skipped: number;
}

/** More than a 71-byte reply in doubled 20-byte pieces needs; only a flood of tiny pieces reaches it. */
const MOST_CANDIDATES = 256;

export function createAssembler(framing: Framing): Assembler {
  let open: readonly Candidate[] = [];

  /** Sorts candidates into sound, damaged and incomplete ones. */
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

  function advance(candidates: readonly Candidate[], skippedOver: readonly Candidate[]): Assembled[] {
    const { sound, damaged, waiting } = judge(candidates);
    const best = sound.reduce<(typeof sound)[number] | undefined>(
      (kept, next) => (kept && kept.skipped <= next.skipped ? kept : next),
      undefined,
    );
    if (!best) {
      open = bounded([...waiting, ...skippedOver]);
      return damaged;
    }
    // A frame of one notification may have come between the pieces of another; one of several explains all of them.
    const others = best.pieces === 1 ? skippedOver : [];
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
      const skippedOver = open.map((candidate) => ({ ...candidate, skipped: candidate.skipped + 1 }));
      return advance([...continued, ...startsIn(notification)], skippedOver);
    },
    pending: () => open.filter(({ skipped }) => skipped === 0).map(({ bytes }) => bytes),
    reset() {
      open = [];
    },
  };
}

/** Keeps the candidates with the fewest gaps, and of equal ones the youngest, in the order of their starts. */
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
