/** Number of pieces in the middle of which every selection is tried. */
const FEW = 6;
/** The same of which every selection without one or two is tried; of more, every one without one. */
const SEVERAL = 12;

/**
 * Selections of the pieces that may be a frame: each has the first and the last one. The first selection has all; the
 * others skip pieces, in general the fewer the earlier:
 *
 * - repetitions: of a run of equal pieces, every second one
 * - pieces that are not as long as the first notification, as all pieces of a frame are but the last
 * - any piece in the middle, unless the checksum is too weak to find the right selection
 */
export function* selections(
  pieces: readonly Uint8Array[],
  firstLength: number,
  isWeak: boolean,
): Generator<readonly Uint8Array[]> {
  yield pieces;
  const last = pieces.length - 1;
  if (last < 2) return;
  if (!isWeak) yield* withoutAny(pieces);
  const once = withoutRepetitions(pieces);
  if (once.length < pieces.length) yield once;
  for (const some of once.length < pieces.length ? [pieces, once] : [pieces]) {
    const regular = some.filter(({ length }, i) => i === 0 || i === some.length - 1 || length === firstLength);
    if (regular.length < some.length) yield regular;
  }
}

function* withoutAny(pieces: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  const middle = pieces.length - 2;
  const most = middle <= FEW ? middle : middle <= SEVERAL ? 2 : 1;
  for (let skipped = 1; skipped <= most; skipped++) yield* without(pieces, skipped, 1);
}

/** All selections that skip this many pieces from `from` on, but never the last one. */
function* without(pieces: readonly Uint8Array[], skipped: number, from: number): Generator<readonly Uint8Array[]> {
  if (skipped === 0) {
    yield pieces;
    return;
  }
  for (let at = from; at < pieces.length - skipped; at++) {
    yield* without([...pieces.slice(0, at), ...pieces.slice(at + 1)], skipped - 1, at);
  }
}

/** The first of a pair of equal pieces, the third of four … The last piece stays: it is the newest. */
function withoutRepetitions(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  let run = 0;
  return pieces.filter((piece, i) => {
    run = i > 0 && isEqual(piece, pieces[i - 1]) ? run + 1 : 0;
    return run % 2 === 0;
  });
}

function isEqual(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}
