import { slope } from "./statistics.ts";

/** Memory after a part of the work. */
export interface GrowthPoint {
  readonly done: number;
  readonly bytes: number;
}

/** How far a straight line through the points rises from the first to the last, and how far they spread around it. */
export function growthOf(points: readonly GrowthPoint[]): { readonly rise: number; readonly spread: number } {
  const perStep = slope(points.map(({ done, bytes }) => [done, bytes] as const));
  const around = points.map(({ done, bytes }) => bytes - perStep * done);
  return {
    rise: perStep * ((points.at(-1)?.done ?? 0) - (points[0]?.done ?? 0)),
    spread: Math.max(...around) - Math.min(...around),
  };
}
