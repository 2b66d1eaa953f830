import type { Flow } from "./battery.ts";

/** Energy and charge that really flowed in a stretch of time. None is negative. */
export interface Account {
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly chargedAh: number;
  readonly dischargedAh: number;
}

const HOUR_MS = 3_600_000;

/** Adds up what flows from one moment to another, in steps of `stepMs`, each with the flow at its middle. */
export function accountOf(
  flowAt: (ms: number) => Flow,
  { from, to, stepMs }: { readonly from: number; readonly to: number; readonly stepMs: number },
): Account {
  const account = { chargedWh: 0, dischargedWh: 0, chargedAh: 0, dischargedAh: 0 };
  for (let at = from; at < to; at += stepMs) {
    const ms = Math.min(stepMs, to - at);
    const { volts, amps } = flowAt(at + ms / 2);
    const ah = (Math.abs(amps) * ms) / HOUR_MS;
    if (amps > 0) {
      account.chargedAh += ah;
      account.chargedWh += ah * volts;
    } else {
      account.dischargedAh += ah;
      account.dischargedWh += ah * volts;
    }
  }
  return account;
}
