import type { CellLimits } from "../model/views.ts";
import type { AlertConfig } from "./config.ts";
import type { Rule } from "./rule.ts";
import { cellHigh, cellLow } from "./rules/values.ts";

/** The limits of a meter's cells at which alerts start; undefined unless alerts.toml has them or the chemistry. */
export function cellLimits(config: AlertConfig, meter: string): CellLimits | undefined {
  const low = knownLimit(cellLow, config, meter);
  const high = knownLimit(cellHigh, config, meter);
  if (low === undefined && high === undefined) return undefined;
  return { ...(low !== undefined && { lowMillivolts: low }), ...(high !== undefined && { highMillivolts: high }) };
}

/** mV. The limits without a chemistry hold for LFP and NMC alike: they are so wide that they would say nothing. */
function knownLimit(rule: Rule, config: AlertConfig, meter: string): number | undefined {
  const { enabled, limits } = config.settings(rule, meter);
  if (!enabled || !limits || limits.start === rule.limits?.preset("unknown").start) return undefined;
  return Math.round(limits.start * 1000);
}
