import { include } from "./include.ts";
import type { UnsettledRun } from "./unsettled-run.ts";

/** Sums over all runs, and the runs for which something is to be done, so that no change costs more with more runs. */
export class RunIndex {
  readonly #unknown = new Set<UnsettledRun>();
  readonly #requested = new Set<UnsettledRun>();
  readonly #ready = new Set<UnsettledRun>();
  /** The part of each run in the sums. */
  readonly #counted = new Map<UnsettledRun, { readonly backlog: number; readonly inFlight: number }>();
  #backlog = 0;
  #inFlight = 0;

  /** Runs whose state is not requested yet. */
  get unknown(): ReadonlySet<UnsettledRun> {
    return this.#unknown;
  }

  /** Runs whose state is requested. */
  get requested(): ReadonlySet<UnsettledRun> {
    return this.#requested;
  }

  /** Runs with a reading that may be sent. */
  get ready(): ReadonlySet<UnsettledRun> {
    return this.#ready;
  }

  /** Readings not yet accepted by every required output. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Readings sent beyond the credit. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Call it after a change of a run. `isHolding`: readings with a provisional time may not be sent. */
  refresh(run: UnsettledRun, isHolding: boolean): void {
    const before = this.#counted.get(run) ?? { backlog: 0, inFlight: 0 };
    const { backlog, inFlight } = run;
    this.#backlog += backlog - before.backlog;
    this.#inFlight += inFlight - before.inFlight;
    this.#counted.set(run, { backlog, inFlight });
    include(this.#unknown, run, run.state === "unknown" && run.held.size > 0);
    include(this.#requested, run, run.state === "requested" && run.held.size > 0);
    include(this.#ready, run, run.state === "known" && run.nextAbove(run.position, isHolding) !== undefined);
  }
}
