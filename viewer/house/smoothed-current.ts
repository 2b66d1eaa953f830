import type { Reading } from "../../common/model/reading.ts";

/** The current of one device, smoothed exponentially. */
export interface SmoothedCurrent {
  /** A, positive while charging. Undefined after too few readings, or where the sign varies. */
  readonly amps: number | undefined;
  /** Takes the measurements of one device in their order. */
  observe(reading: Reading): void;
}

/** Time constant, ms: the averaging time that a SmartShunt has by default. */
const TIME_CONSTANT_MS = 180_000;
/** Fewest readings, and shortest time between the first and the last of them, ms. */
const READINGS = 5;
const SPAN_MS = 30_000;
/** A longer gap starts anew, ms. */
const GAP_MS = 5 * TIME_CONSTANT_MS;
/** Part of the flow that must have gone in one direction. */
const ONE_WAY = 0.8;

interface State {
  readonly takenAt: number;
  readonly startedAt: number;
  readonly count: number;
  /** A. */
  readonly mean: number;
  /** Mean of the amount without its sign, A. */
  readonly flow: number;
}

export function createSmoothedCurrent(): SmoothedCurrent {
  let state: State | undefined;

  return {
    get amps() {
      if (!state || state.count < READINGS || state.takenAt - state.startedAt < SPAN_MS) return undefined;
      return Math.abs(state.mean) >= ONE_WAY * state.flow ? state.mean : undefined;
    },
    observe({ takenAt, sample: { amps } }) {
      if (amps === undefined) state = undefined;
      else state = next(state, takenAt, amps);
    },
  };
}

function next(state: State | undefined, takenAt: number, amps: number): State {
  const elapsedMs = state ? takenAt - state.takenAt : 0;
  if (!state || elapsedMs < 0 || elapsedMs > GAP_MS) {
    return { takenAt, startedAt: takenAt, count: 1, mean: amps, flow: Math.abs(amps) };
  }
  const weight = 1 - Math.exp(-elapsedMs / TIME_CONSTANT_MS);
  return {
    takenAt,
    startedAt: state.startedAt,
    count: state.count + 1,
    mean: state.mean + weight * (amps - state.mean),
    flow: state.flow + weight * (Math.abs(amps) - state.flow),
  };
}
