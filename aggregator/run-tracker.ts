import type { Row } from "../common/model/row.ts";
import { fullName } from "../common/model/site.ts";
import type { Acknowledgement, Delivery } from "../common/wire/messages.ts";
import { BoundedRuns } from "./bounded-runs.ts";

/** New readings of one run that are written together. */
export interface Batch {
  readonly run: string;
  readonly epoch: string;
  readonly readings: readonly Row[];
  /** Sequence number up to which the run is complete once this batch is written. */
  readonly last: number;
}

/** Sequence numbers by run: everything up to them is meant. */
export type Progress = ReadonlyMap<string, number>;

/** State of one run in this epoch. */
interface RunState {
  /** Its full name. */
  readonly meter: string;
  /** The sender holds nothing up to this number. */
  floor: number;
  /** Everything that the sender held up to this number has been received. */
  received: number;
  /** By output, as in `settled`: everything up to this number has been written. */
  readonly written: number[];
  readonly settled: number[];
}

/** Runs that are remembered. Forgetting one costs at most a repeat of its unsettled readings. */
const MAX_RUNS = 4096;

/**
 * Receive and acknowledgement state of every run: everything that decides about acknowledgement, without socket or clock.
 * It knows the required outputs only, by index.
 */
export class RunTracker {
  readonly #runs: BoundedRuns<RunState>;
  readonly #outputs: number;
  readonly #newEpoch: () => string;
  readonly #slow = new Set<number>();
  #epoch: string;
  #forgotten = 0;

  /** `newEpoch` returns 16 hexadecimal digits, different each time. */
  constructor(outputs: number, newEpoch: () => string, maxRuns = MAX_RUNS) {
    this.#runs = new BoundedRuns(maxRuns);
    this.#outputs = outputs;
    this.#newEpoch = newEpoch;
    this.#epoch = newEpoch();
  }

  get epoch(): string {
    return this.#epoch;
  }

  get meters(): ReadonlySet<string> {
    return new Set([...this.#runs.entries()].map(([, { meter }]) => meter));
  }

  get runs(): readonly string[] {
    return [...this.#runs.names()];
  }

  /** The sender that was last seen with this run. */
  senderOf(run: string): string | undefined {
    return this.#runs.senderOf(run);
  }

  /** Runs forgotten to make room for others, since the start. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Goes back to what is settled: every sender will send the rest again. */
  startEpoch(): void {
    this.#epoch = this.#newEpoch();
    for (const [, run] of this.#runs.entries()) {
      run.floor = Math.max(run.floor, this.#least(run.settled));
      run.received = run.floor;
      run.written.length = 0;
      run.settled.length = 0;
    }
  }

  /** Records a delivery and returns the readings that are new, if any and if none before them is missing. */
  receive({ origin, from, after, readings }: Delivery, sender: string): Batch | undefined {
    const create = () => ({ meter: fullName(origin), floor: 0, received: 0, written: [], settled: [] });
    const { state: run, forgotten } = this.#runs.touch(origin.run, sender, create);
    this.#forgotten += forgotten;
    run.floor = Math.max(run.floor, from - 1);
    run.received = Math.max(run.received, run.floor);
    // A message before this one was lost. The sender will repeat it, and this one after it.
    if (after > run.received) return undefined;
    const fresh = readings.filter(({ seq }) => seq > run.received);
    const last = fresh.at(-1);
    if (!last) return undefined;
    run.received = last.seq;
    return { run: origin.run, epoch: this.#epoch, readings: fresh, last: last.seq };
  }

  /** Records that an output has written a batch; false for a batch of an earlier epoch. */
  written(output: number, { run, epoch, last }: Batch): boolean {
    const state = this.#runs.get(run);
    if (!state || epoch !== this.#epoch) return false;
    state.written[output] = Math.max(state.written[output] ?? 0, last);
    // Where the run was forgotten and is known again, outputs may write what was queued before.
    state.received = Math.max(state.received, this.#least(state.written));
    return true;
  }

  /** The readings that an output has written and not settled. */
  unsettled(output: number): Progress {
    const progress = new Map<string, number>();
    for (const [name, { written, settled }] of this.#runs.entries()) {
      const last = written[output] ?? 0;
      if (last > (settled[output] ?? 0)) progress.set(name, last);
    }
    return progress;
  }

  /** Upper bound of the number of readings that an output has written and not settled. */
  unsettledCount(output: number): number {
    let count = 0;
    for (const [, { written, settled, floor }] of this.#runs.entries()) {
      const from = Math.max(floor, settled[output] ?? 0);
      count += Math.max(0, (written[output] ?? 0) - from);
    }
    return count;
  }

  /** Notes what an output has settled. Returns the runs for which that is news. */
  settled(output: number, progress: Progress): string[] {
    const changed: string[] = [];
    for (const [name, last] of progress) {
      const run = this.#runs.get(name);
      if (!run || (last <= (run.settled[output] ?? 0) && last <= (run.written[output] ?? 0))) continue;
      changed.push(name);
      run.settled[output] = Math.max(run.settled[output] ?? 0, last);
      // These may have been written in an earlier epoch.
      run.written[output] = Math.max(run.written[output] ?? 0, last);
      run.floor = Math.max(run.floor, this.#least(run.settled));
      run.received = Math.max(run.received, run.floor);
    }
    return changed;
  }

  /** A slow output delays only `accepted`, not the flow, unless every output is slow. */
  setSlow(output: number, isSlow: boolean): void {
    if (isSlow) this.#slow.add(output);
    else this.#slow.delete(output);
  }

  /** True if the flow waits for this output. */
  limitsFlow(output: number): boolean {
    return !this.#slow.has(output) || this.#slow.size === this.#outputs;
  }

  /** Undefined for an unknown run. */
  acknowledgement(run: string): Acknowledgement | undefined {
    const state = this.#runs.get(run);
    if (!state) return undefined;
    const { floor, received, written } = state;
    const limiting = Array.from({ length: this.#outputs }, (_, output) => output)
      .filter((output) => this.limitsFlow(output))
      .map((output) => written[output] ?? 0);
    return {
      epoch: this.#epoch,
      run,
      // An output may have settled in an earlier epoch what has not been received again in this one.
      credit: Math.max(floor, Math.min(received, ...limiting)),
      accepted: Math.max(floor, this.#least(written)),
      settled: floor,
    };
  }

  #least(numbers: readonly number[]): number {
    let least = Number.MAX_SAFE_INTEGER;
    for (let output = 0; output < this.#outputs; output += 1) least = Math.min(least, numbers[output] ?? 0);
    return least;
  }
}
