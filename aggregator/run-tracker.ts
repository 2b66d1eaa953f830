import type { Reading } from "../common/model/reading.ts";
import type { Acknowledgement, Delivery, Origin } from "../common/wire/messages.ts";

/** Readings of one run that are to be written together. */
export interface Batch {
  readonly run: string;
  readonly epoch: string;
  readonly readings: readonly Reading[];
  /** The run's number up to which all is written when this is. */
  readonly last: number;
}

/** Numbers by run: up to where something has come. */
export type Progress = ReadonlyMap<string, number>;

/** Where one run stands in this epoch. */
interface RunState {
  readonly meter: string;
  /** Leads to its sender. */
  route: Uint8Array;
  /** The sender holds nothing up to here. */
  floor: number;
  /** All that the sender held up to here is in hand. */
  received: number;
  /** By output, as are the settled ones. */
  readonly written: number[];
  readonly settled: number[];
}

/** Runs that are remembered. To forget one costs at most a repeat. */
const MAX_RUNS = 4096;

/**
 * Who has got what: all that decides about acknowledgement, without socket or clock. It knows the required outputs only,
 * by their index.
 */
export class RunBook {
  /** The one that was heard longest ago comes first. */
  readonly #runs = new Map<string, RunState>();
  readonly #outputs: number;
  readonly #newEpoch: () => string;
  readonly #lagging = new Set<number>();
  #epoch: string;

  /** `newEpoch` gives 16 hexadecimal digits, others each time. */
  constructor(outputs: number, newEpoch: () => string) {
    this.#outputs = outputs;
    this.#newEpoch = newEpoch;
    this.#epoch = newEpoch();
  }

  get epoch(): string {
    return this.#epoch;
  }

  get meters(): ReadonlySet<string> {
    return new Set([...this.#runs.values()].map(({ meter }) => meter));
  }

  get runs(): readonly string[] {
    return [...this.#runs.keys()];
  }

  /** Begins anew with what is not settled: every sender will send it again. */
  startEpoch(): void {
    this.#epoch = this.#newEpoch();
    for (const run of this.#runs.values()) {
      run.floor = Math.max(run.floor, this.#least(run.settled));
      run.received = run.floor;
      run.written.length = 0;
      run.settled.length = 0;
    }
  }

  /** What of a delivery is new, in place, and now in hand. */
  take({ origin, from, after, readings }: Delivery, route: Uint8Array): Batch | undefined {
    const run = this.#touch(origin, route);
    run.floor = Math.max(run.floor, from - 1);
    run.received = Math.max(run.received, run.floor);
    // Something before these was lost on the way: they come again after it.
    if (after > run.received) return undefined;
    const fresh = readings.filter(({ seq }) => seq > run.received);
    const last = fresh.at(-1);
    if (!last) return undefined;
    run.received = last.seq;
    return { run: origin.run, epoch: this.#epoch, readings: fresh, last: last.seq };
  }

  /** Tells whether that belongs to this epoch. */
  written(output: number, { run, epoch, last }: Batch): boolean {
    const state = this.#runs.get(run);
    if (!state || epoch !== this.#epoch) return false;
    state.written[output] = Math.max(state.written[output] ?? 0, last);
    return true;
  }

  /** What an output has written and not settled. */
  unsettled(output: number): Progress {
    const progress = new Map<string, number>();
    for (const [name, { written, settled }] of this.#runs) {
      const last = written[output] ?? 0;
      if (last > (settled[output] ?? 0)) progress.set(name, last);
    }
    return progress;
  }

  /** How many readings that may be, by their numbers. */
  unsettledCount(output: number): number {
    let count = 0;
    for (const { written, settled, floor } of this.#runs.values()) {
      const from = Math.max(floor, settled[output] ?? 0);
      count += Math.max(0, (written[output] ?? 0) - from);
    }
    return count;
  }

  settled(output: number, progress: Progress): void {
    for (const [name, last] of progress) {
      const run = this.#runs.get(name);
      if (!run) continue;
      run.settled[output] = Math.max(run.settled[output] ?? 0, last);
      // It may have been written in an epoch before this one.
      run.written[output] = Math.max(run.written[output] ?? 0, last);
    }
  }

  /** An output that lags keeps nothing back but acceptance, as long as there is another that does not. */
  setLagging(output: number, isLagging: boolean): void {
    if (isLagging) this.#lagging.add(output);
    else this.#lagging.delete(output);
  }

  /** Whether others wait for this output. */
  setsPace(output: number): boolean {
    return !this.#lagging.has(output) || this.#lagging.size === this.#outputs;
  }

  /** The acknowledgement for a run, and where it goes; undefined for a run that is not known. */
  acknowledgement(run: string): { readonly route: Uint8Array; readonly ack: Acknowledgement } | undefined {
    const state = this.#runs.get(run);
    if (!state) return undefined;
    const { route, floor, written, settled } = state;
    const pace = Array.from({ length: this.#outputs }, (_, output) => output)
      .filter((output) => this.setsPace(output))
      .map((output) => written[output] ?? 0);
    const ack = {
      epoch: this.#epoch,
      run,
      credit: Math.max(floor, Math.min(...pace)),
      accepted: Math.max(floor, this.#least(written)),
      settled: Math.max(floor, this.#least(settled)),
    };
    return { route, ack };
  }

  #least(numbers: readonly number[]): number {
    let least = Number.MAX_SAFE_INTEGER;
    for (let output = 0; output < this.#outputs; output += 1) least = Math.min(least, numbers[output] ?? 0);
    return least;
  }

  #touch({ run: name, meter }: Origin, route: Uint8Array): RunState {
    const run = this.#runs.get(name) ?? { meter, route, floor: 0, received: 0, written: [], settled: [] };
    run.route = route;
    this.#runs.delete(name);
    this.#runs.set(name, run);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest);
    return run;
  }
}
