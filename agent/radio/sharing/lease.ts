import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { lockPath, type ProcessLock, tryLock } from "../../../common/runtime/process-lock.ts";
import { createLine, type Line, visit } from "./lease-queue.ts";

/**
 * Turns at a thing that processes share, such as scanning and connecting on one Bluetooth adapter. There is no
 * supervisor: a turn is a claim, freed by the kernel when its holder dies in any way. It lasts `holdMs` at most, so
 * whoever still holds one after `passOverMs` is frozen; then the next in line takes the next seat, a name of its own,
 * and the frozen holder finds its turn over as soon as it wakes. The longest waiting goes first.
 *
 * Seat n counts as the turn while every seat before it is held by a frozen process and no seat after it is held.
 */
export interface Turns {
  /** Waits for the turn. Rejects with the signal's reason. @throws {Error} when every seat is held by a frozen process */
  take(signal: AbortSignal): Promise<Turn>;
  /** Keeps nothing open any longer. A turn that was taken stays. */
  close(): void;
}

export interface Turn {
  /** Aborts when the turn has ended: released, or held too long. */
  readonly over: AbortSignal;
  /** Aborts when another process begins to wait for it. */
  readonly wanted: AbortSignal;
  /** Whether the turn lasts, by the clock: a process that wakes from a long sleep must ask before its timers run. */
  isMine(): boolean;
  release(): Promise<void>;
}

export interface TurnTimes {
  readonly holdMs: number;
  readonly passOverMs: number;
  /** Within this time a living process answers whoever connects. */
  readonly greetMs: number;
  /** Between the tries of those who waited, in their order. */
  readonly stepMs: number;
}

const TIMES: TurnTimes = { holdMs: 8_000, passOverMs: 10_000, greetMs: 300, stepMs: 25 };
/** More frozen holders than this are not passed over. */
const SEATS = 8;

export function turnsAt(thing: string, times: Partial<TurnTimes> = {}): Turns {
  const { holdMs, passOverMs, greetMs, stepMs } = { ...TIMES, ...times };
  /** By seat: an open connection to a holder that was found frozen. It stays open and silent for as long as that is so. */
  const frozen = new Map<number, Socket>();
  const seatName = (seat: number) => `turn ${seat} at ${thing}`;
  const visitSeat = (seat: number, waitedMs: number) => visit(lockPath(seatName(seat)), waitedMs);
  const seats = Array.from({ length: SEATS }, (_, seat) => seat);

  async function take(signal: AbortSignal): Promise<Turn> {
    const since = performance.now();
    for (;;) {
      signal.throwIfAborted();
      const seat = seats.find((candidate) => !frozen.has(candidate));
      if (seat === undefined) throw new Error(`${SEATS} frozen processes hold the turn at ${thing}: end them`);
      const held = await sit(seat);
      const busySeat = held ? await rivalOf(seat) : seat;
      if (held && busySeat === undefined && !signal.aborted) return held;
      await held?.release();
      if (busySeat !== undefined) await queueAt(busySeat, performance.now() - since, signal);
    }
  }

  /** The turn that this seat gives, if nobody holds the seat. */
  async function sit(seat: number): Promise<Turn | undefined> {
    const wanted = new AbortController();
    const line = createLine(() => wanted.abort());
    const held = await tryLock(seatName(seat), line.join);
    return held && begin(held, line, wanted.signal);
  }

  function begin(held: ProcessLock, line: Line, wanted: AbortSignal): Turn {
    const endsAt = performance.now() + holdMs;
    const over = new AbortController();
    const release = async () => {
      clearTimeout(timer);
      const released = held.release();
      line.dismiss();
      over.abort();
      await released;
    };
    const timer = setTimeout(() => void release(), holdMs);
    return { over: over.signal, wanted, isMine: () => !over.signal.aborted && performance.now() < endsAt, release };
  }

  /** The seat of another who holds the turn as well: any seat after this one, or one before it whose holder lives. */
  async function rivalOf(seat: number): Promise<number | undefined> {
    for (const other of seats) {
      if (other === seat || (other > seat && frozen.has(other))) continue;
      const holder = await visitSeat(other, 0);
      if (!holder) continue;
      const isRival = other > seat || (await holder.answers(greetMs));
      holder.socket.destroy();
      if (isRival) return other;
    }
    return undefined;
  }

  /** Waits until the seat is free, or its holder must be frozen. */
  async function queueAt(seat: number, waitedMs: number, signal: AbortSignal): Promise<void> {
    const holder = await visitSeat(seat, waitedMs);
    if (!holder) return;
    const rank = await holder.dismissed(passOverMs, signal).catch((reason: unknown) => {
      holder.socket.destroy();
      throw reason;
    });
    if (rank !== undefined) await delay(rank * stepMs, undefined, { signal }).catch(() => {});
    else if (frozen.has(seat)) holder.socket.destroy();
    else {
      frozen.set(seat, holder.socket.unref());
      holder.socket.once("data", () => holder.socket.destroy()).once("close", () => frozen.delete(seat));
    }
  }

  return {
    take,
    close() {
      for (const socket of frozen.values()) socket.destroy();
    },
  };
}
