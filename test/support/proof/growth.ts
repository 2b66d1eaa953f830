/** A measurement of something that may grow. */
export interface Measurement {
  /** Position on the axis along which it may grow, such as seconds or polls. */
  readonly at: number;
  readonly value: number;
}

/** The trend of measurements. */
export interface Growth {
  readonly mean: number;
  /** Growth from the first measurement to the last, by the fitted line. */
  readonly total: number;
  /** Half of the 95 % confidence interval of `total`. */
  readonly uncertainty: number;
  /** True if it has surely grown (95 %), by more than the tolerance. */
  readonly isGrowing: boolean;
}

/** Measurements that follow each other are alike; the means of this many blocks are taken as independent of each other. */
const BLOCKS = 12;
/** 97.5 % point of Student's t with BLOCKS - 2 degrees of freedom. */
const STUDENT_T = 2.228;

/** Fits a line to the means of blocks of measurements. `tolerance` is the share of the mean that counts as none. */
export function growthOf(measurements: readonly Measurement[], tolerance = 0.01): Growth {
  if (measurements.length < BLOCKS) throw new RangeError(`a trend needs ${BLOCKS} measurements`);
  const blocks = Array.from({ length: BLOCKS }, (_, i) =>
    averageOf(
      measurements.slice(
        Math.floor((i * measurements.length) / BLOCKS),
        Math.floor(((i + 1) * measurements.length) / BLOCKS),
      ),
    ),
  );
  const center = averageOf(blocks);
  const spread = sumOf(blocks, ({ at }) => (at - center.at) ** 2);
  const slope = sumOf(blocks, ({ at, value }) => (at - center.at) * (value - center.value)) / spread;
  const residuals = sumOf(blocks, ({ at, value }) => (value - center.value - slope * (at - center.at)) ** 2);
  const slopeError = Math.sqrt(residuals / (BLOCKS - 2) / spread);
  const length = (measurements.at(-1)?.at ?? 0) - (measurements[0]?.at ?? 0);
  const total = slope * length;
  const uncertainty = STUDENT_T * slopeError * length;
  return {
    mean: center.value,
    total,
    uncertainty,
    isGrowing: total - uncertainty > 0 && total > tolerance * center.value,
  };
}

function averageOf(measurements: readonly Measurement[]): Measurement {
  return {
    at: sumOf(measurements, ({ at }) => at) / measurements.length,
    value: sumOf(measurements, ({ value }) => value) / measurements.length,
  };
}

function sumOf<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
