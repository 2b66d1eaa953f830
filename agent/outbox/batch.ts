import { isSameOrigin } from "../../common/wire/fields.ts";
import type { Entry } from "./entry.ts";
import type { UnsettledRun } from "./unsettled-run.ts";

interface Limits {
  /** Most entries. */
  readonly count: number;
  /** Most bytes, unless one entry alone has more. */
  readonly bytes: number;
  /** Entries with a provisional time are not sent. */
  readonly isHolding: boolean;
}

interface Batch {
  readonly entries: readonly Entry[];
  /** Numbers that could not be read. */
  readonly lost: readonly number[];
}

/** The next entries of a run that fit into one message: at least one, unless all are lost. */
export function nextBatch(
  run: UnsettledRun,
  limits: Limits,
  read: (run: string, seq: number) => Entry | undefined,
): Batch {
  const entries: Entry[] = [];
  const lost: number[] = [];
  let bytes = 0;
  const nextOf = (seq: number) => run.nextAbove(seq, limits.isHolding);
  for (let seq = nextOf(run.position); seq !== undefined; seq = nextOf(seq)) {
    if (entries.length === limits.count) break;
    const entry = read(run.origin.run, seq);
    if (!entry) {
      lost.push(seq);
      continue;
    }
    bytes += entry.bytes.length;
    const [head] = entries;
    if (head && (bytes > limits.bytes || !isSameOrigin(entry.origin, head.origin))) break;
    entries.push(entry);
  }
  return { entries, lost };
}
