import type { Sample } from "../../common/model/reading.ts";
import type { Flow } from "../battery.ts";
import { between, clamped, rounded, seededRandom } from "../random.ts";

/** A record at one moment: what its fields hold, and what a correct reader reports. */
export interface RecordState {
  readonly fields: Readonly<Record<string, number | undefined>>;
  readonly sample: Sample;
}

/** A device over time, by the ms since it was new. Repeatable by seed and time. */
export interface VictronState {
  /** `alarm` is the word that the device reports. */
  recordAt(ms: number, alarm: number): RecordState;
  flowAt(ms: number): Flow;
}

const HOUR_MS = 3_600_000;
const CAPACITY_AH = 200;
/** A temperature sensor at the auxiliary input. */
const AUX_TEMPERATURE = 2;

const alarmWords = (alarm: number) => ({ abuv: alarm & 1, abov: (alarm >> 1) & 1, alow: (alarm >> 2) & 1 });

/** A battery of 12 V that is charged and discharged in turn. */
function createSwing(kind: string, seed: string) {
  const random = seededRandom("victron", kind, seed);
  const highest = between(random, 8, 40);
  const periodMs = between(random, 300_000, 900_000);
  return (ms: number) => {
    const phase = (2 * Math.PI * ms) / periodMs;
    const amps = highest * Math.sin(phase);
    const chargedAh = ((highest * periodMs) / (2 * Math.PI) / HOUR_MS) * (1 - Math.cos(phase));
    return { phase, amps, chargedAh, volts: 13.2 + amps / 200 };
  };
}

/** A SmartShunt with a temperature sensor. */
export function smartShunt(seed: string): VictronState {
  const swing = createSwing("smartshunt", seed);
  return {
    recordAt(ms, alarm) {
      const { volts, amps, chargedAh, phase } = swing(ms);
      const consumed = rounded(clamped(60 - chargedAh, 0, CAPACITY_AH), 10);
      const percent = rounded(100 - (100 * consumed) / CAPACITY_AH, 10);
      const values = {
        volts: rounded(volts, 100),
        alarm,
        amps: rounded(amps, 100),
        consumed,
        percent,
        temp: rounded(21 + 2 * Math.sin(phase / 5), 100),
        ...(amps < -1 && { runtime: Math.round((60 * (CAPACITY_AH - consumed)) / -amps) }),
      };
      return { fields: { ...values, mode: AUX_TEMPERATURE }, sample: { ...values, ...alarmWords(alarm) } };
    },
    flowAt: swing,
  };
}

/** Charging and discharging allowed. */
const LITHIUM_FLAGS = 0x0600_0000;
const BALANCED = 1;

/** A Smart Lithium battery of 12.8 V, which reports neither current nor state of charge. */
export function smartLithium(seed: string): VictronState {
  const swing = createSwing("smartlithium", seed);
  return {
    recordAt(ms) {
      const { volts, phase } = swing(ms);
      const cell = (i: number) => clamped(10 * Math.round(25 * volts + Math.sin(phase + i)), 2_600, 3_860);
      const values = {
        alarm: LITHIUM_FLAGS,
        cell1: cell(1),
        cell2: cell(2),
        cell3: cell(3),
        cell4: cell(4),
        volts: rounded(volts, 100),
        temp: Math.round(22 + 3 * Math.sin(phase / 5)),
      };
      return { fields: { ...values, balancer: BALANCED }, sample: { ...values, cells: 4, fet: 3, balancing: 0 } };
    },
    flowAt: swing,
  };
}

const BULK = 3;

/** A solar charger in bulk charge. */
export function solarCharger(seed: string): VictronState {
  const swing = createSwing("mppt", seed);
  const flowAt = (ms: number) => {
    const { volts, amps } = swing(ms);
    return { volts, amps: Math.abs(amps) };
  };
  return {
    recordAt(ms) {
      const { volts, amps } = flowAt(ms);
      const values = {
        state: BULK,
        errorcode: 0,
        volts: rounded(volts, 100),
        amps: rounded(amps, 10),
        yield: rounded(0.5 + (ms / HOUR_MS) * 0.2, 100),
        pvwatts: Math.round(volts * amps * 1.05),
        loadamps: 1.2,
      };
      return { fields: values, sample: values };
    },
    flowAt,
  };
}
