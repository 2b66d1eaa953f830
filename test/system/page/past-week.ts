import { CELL_NAMES } from "../../../common/model/quantities.ts";
import type { Reading, Sample } from "../../../common/model/reading.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEP_MS = 3 * MINUTE_MS;

/** A meter of the simulated house as it may have been in the week before. */
interface PastMeter {
  readonly volts: number;
  /** Volts per percent of charge. */
  readonly slope: number;
  readonly percent: number;
  /** Half the difference between evening and morning, percent. */
  readonly swing: number;
  readonly capacityAh: number;
  /** Of a load that switches on and off, A. */
  readonly load: number;
  readonly temp: number;
  readonly cells: number;
}

/** Their present values are near those of the simulator. */
const METERS: Readonly<Record<string, PastMeter>> = {
  house: { volts: 52.5, slope: 0.035, percent: 68, swing: 22, capacityAh: 120, load: 3, temp: 21, cells: 16 },
  solar: { volts: 13.05, slope: 0.018, percent: 88, swing: 11, capacityAh: 200, load: 4, temp: 34, cells: 0 },
  inverter: { volts: 12.79, slope: 0.012, percent: 91, swing: 6, capacityAh: 200, load: 5, temp: 33, cells: 0 },
};

/** Readings of a meter over the week before `now`, with an outage of five hours. Deterministic but for the time. */
export function* pastWeek(meter: string, now: number): Generator<Pick<Reading, "takenAt" | "sample">> {
  const model = METERS[meter];
  if (!model) throw new Error(`no past of ${meter}`);
  for (let takenAt = now - 7 * DAY_MS; takenAt < now; takenAt += STEP_MS) {
    const age = now - takenAt;
    if (age > 62 * HOUR_MS && age < 67 * HOUR_MS) continue;
    yield { takenAt, sample: sampleAt(model, takenAt, now) };
  }
}

/** The charge swings once a day, at present downwards; the current is what moves it, and a load on top. */
function sampleAt(model: PastMeter, at: number, now: number): Sample {
  const { volts, slope, percent, swing, capacityAh, load, temp, cells } = model;
  const phase = (2 * Math.PI * (at - now)) / DAY_MS + Math.PI;
  const depth = swing * (1 + 0.25 * Math.sin((now - at) / (0.9 * DAY_MS)));
  const charge = Math.min(100, percent + depth * Math.sin(phase));
  const base = ((depth * 2 * Math.PI) / 24) * Math.cos(phase) * (capacityAh / 100);
  const isOn = Math.sin(at / (11 * MINUTE_MS)) + Math.sin(at / (37 * MINUTE_MS)) > 0.6;
  const amps = base - (isOn ? load : 0) + 0.3 * Math.sin(at / (4 * MINUTE_MS));
  const present = volts + (charge - percent) * slope + amps * 0.01;
  const warmth = temp + 2.5 * Math.sin(phase - 1);
  const millivolts = Array.from({ length: cells }, (_, cell) =>
    Math.round((1000 * present) / cells + 4 * Math.sin(cell * 1.9) + 2 * Math.sin(cell + at / HOUR_MS)),
  );
  return {
    volts: present,
    amps,
    watts: present * amps,
    percent: charge,
    ...(cells > 0 ? { temp1: warmth, temp2: warmth - 2, temp3: warmth - 0.6, temp4: warmth + 1.4 } : { temp: warmth }),
    ...Object.fromEntries(millivolts.map((value, cell) => [CELL_NAMES[cell], value])),
    ...(cells > 0 && { delta: Math.max(...millivolts) - Math.min(...millivolts) }),
    online: 1,
  };
}
