import type { Origin } from "../../common/wire/fields.ts";
import type { Acknowledgement } from "../../common/wire/messages.ts";
import { NumberSet } from "./number-set.ts";

/** The readings of one run that are not settled, by number. */
export class UnsettledRun {
  readonly origin: Origin;
  readonly held = new NumberSet();
  /** Sending goes on with the first reading above it. */
  position = 0;
  /** As acknowledged in this epoch. */
  credit = 0;
  accepted = 0;
  /** The highest number that was ever sent. */
  sentUpTo = 0;
  /** The lowest number whose time is provisional. */
  provisionalFrom = Number.POSITIVE_INFINITY;
  /** The aggregator's state of this run, over the present link. Nothing is sent before it is known. */
  state: "unknown" | "requested" | "known" | "refused" = "unknown";
  /** Something was pending at the last check of this kind, and nothing of it has arrived since. */
  readonly wasPending = { delivery: false, settling: false };

  constructor(origin: Origin) {
    this.origin = origin;
  }

  /** The lowest number that is not accepted. */
  get firstUnaccepted(): number | undefined {
    return this.held.above(this.accepted);
  }

  /** Not yet accepted by every required output. */
  get backlog(): number {
    return this.held.countAbove(this.accepted);
  }

  /** Sent beyond the credit. */
  get inFlight(): number {
    return Math.max(0, this.held.countAbove(this.credit) - this.held.countAbove(this.position));
  }

  /** An answer to a request or a delivery is pending. */
  get isPending(): boolean {
    return this.state === "requested" || this.inFlight > 0;
  }

  /** The lowest number above `seq` that may be sent; while times are held, none from the first provisional one on. */
  nextAbove(seq: number, isHolding: boolean): number | undefined {
    const next = this.held.above(seq);
    return next !== undefined && isHolding && next >= this.provisionalFrom ? undefined : next;
  }

  /** True for a reading that may be sent, and waits for its turn. */
  isWaiting(seq: number, isHolding: boolean): boolean {
    return this.state === "known" && this.position < seq && this.nextAbove(seq - 1, isHolding) === seq;
  }

  /**
   * Has the state requested again if something was pending at the last check as well and nothing of it has arrived since.
   * `delivery`: answers, of which one may be lost. `settling`: the aggregator may have forgotten the run.
   */
  check(what: "delivery" | "settling"): void {
    const isPending = what === "delivery" ? this.isPending : this.held.size > 0;
    if (isPending && this.wasPending[what]) this.state = "unknown";
    this.wasPending[what] = isPending;
  }

  /** Takes over what the aggregator has of the run. Settled readings are still held afterwards. */
  acknowledged(ack: Acknowledgement): void {
    const accepted = this.sent(ack.accepted);
    // Within an epoch `accepted` never falls, unless the aggregator has forgotten the run and lacks what was after it.
    const isForgotten = accepted < this.accepted;
    const credit = this.sent(ack.credit);
    if (this.state !== "known" || credit > this.credit) this.wasPending.delivery = false;
    this.credit = credit;
    this.accepted = accepted;
    this.position = this.state === "known" && !isForgotten ? Math.max(this.position, this.credit) : this.credit;
    this.state = "known";
  }

  /** Nothing is sent until the state is requested again. */
  refuse(): void {
    this.state = "refused";
    this.position = this.credit;
  }

  /** An acknowledged number. Nobody can acknowledge what was never sent. */
  sent(seq: number): number {
    return Math.min(seq, this.sentUpTo);
  }

  /** Nothing is acknowledged in a new epoch: everything is sent again. */
  restart(): void {
    this.credit = 0;
    this.accepted = 0;
    this.position = 0;
  }
}
