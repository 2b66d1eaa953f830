import type { Trigger } from "./fault.ts";

/** When a fault acts, for every kind of it. Nothing set means always. */
export const TRIGGER_SETTINGS = {
  /** Only for this register: `03`, `04`, `05`, `aa`, `ffaa15`, `v1`, `v2`. */
  register: "",
  /** Only the first so many times; 0 is without end. */
  times: 0,
  /** Only each so manyth time. */
  every: 1,
  /** Only with this probability. */
  chance: 1,
} as const;

export interface TriggerSettings {
  readonly register: string;
  readonly times: number;
  readonly every: number;
  readonly chance: number;
}

export function createTrigger({ register, times, every, chance }: TriggerSettings, random: () => number): Trigger {
  let opportunities = 0;
  let acted = 0;
  return (asked) => {
    if (register && asked !== register) return false;
    opportunities++;
    const acts = (times === 0 || acted < times) && opportunities % every === 0 && (chance >= 1 || random() < chance);
    if (acts) acted++;
    return acts;
  };
}
