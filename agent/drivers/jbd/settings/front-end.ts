import type { Structure } from "./parameter.ts";

/**
 * The protections of the front-end chip, registers 0x38 and 0x39, in the chip's own coding:
 *
 *     0x38  byte 0  bit 7 doubles all thresholds   bits 4:3 delay   bits 2:0 threshold of the short circuit
 *           byte 1  bits 6:4 delay                 bits 3:0 threshold of the second discharge over-current
 *     0x39  byte 0  bits 7:6 delay of the second cell under-voltage   bits 5:4 of the over-voltage
 *
 * That is the coding of TI's BQ769x0 (PROTECT1, PROTECT2, PROTECT3). No document gives the layout for other chips, so
 * their bytes stay bytes. Bits without a meaning are kept.
 */
const TI = 0;

/** Names of the chips, by the second byte of register 0x00. */
export const CHIPS: readonly string[] = [
  "TI BQ769x0",
  "O2Micro 7717",
  "Panasonic 49522",
  "SinoWealth SH309",
  "SinoWealth SH303",
  "JieChe DC10xx",
  "OZ3714",
];

/** Thresholds of the short circuit, mV across the shunt. */
export const SC_THRESHOLDS = {
  single: [22, 33, 44, 56, 67, 78, 89, 100],
  doubled: [44, 67, 89, 111, 133, 155, 178, 200],
} as const;
/** µs. */
const SC_DELAYS = [70, 100, 200, 400] as const;
/** Thresholds of the second discharge over-current, mV across the shunt. */
export const OC_THRESHOLDS = {
  single: [8, 11, 14, 17, 19, 22, 25, 28, 31, 33, 36, 39, 42, 44, 47, 50],
  doubled: [17, 22, 28, 33, 39, 44, 50, 56, 61, 67, 72, 78, 83, 89, 94, 100],
} as const;
/** ms. */
const OC_DELAYS = [8, 20, 40, 80, 160, 320, 640, 1280] as const;
const UNDER_VOLTAGE_DELAYS = [1, 4, 8, 16] as const;
const OVER_VOLTAGE_DELAYS = [1, 2, 4, 8] as const;

const DOUBLED = 0x80;

/** One byte of the two registers. `other` is the register's other byte. */
interface FrontEndByte {
  /** Bits without a meaning. */
  readonly unused: number;
  decode(byte: number, other: number): Structure;
  /** `original` is the byte as it was read: its bits without a meaning are kept. @throws {RangeError} */
  encode(value: Structure, original: number, other: number): number;
}

export const shortCircuit: FrontEndByte = {
  unused: 0b0110_0000,
  decode: (byte) => {
    const doubled = (byte & DOUBLED) !== 0;
    return {
      doubled,
      delay_us: at(SC_DELAYS, byte >> 3),
      threshold_mV: at(doubled ? SC_THRESHOLDS.doubled : SC_THRESHOLDS.single, byte),
    };
  },
  encode(value, original) {
    const doubled = value.doubled === true;
    const threshold = code(doubled ? SC_THRESHOLDS.doubled : SC_THRESHOLDS.single, value.threshold_mV);
    const delay = code(SC_DELAYS, value.delay_us);
    return (original & shortCircuit.unused) | (doubled ? DOUBLED : 0) | (delay << 3) | threshold;
  },
};

export const overcurrent: FrontEndByte = {
  unused: 0b1000_0000,
  decode: (byte, other) => ({
    delay_ms: at(OC_DELAYS, byte >> 4),
    threshold_mV: at(overcurrentThresholds(other), byte),
  }),
  encode(value, original, other) {
    const delay = code(OC_DELAYS, value.delay_ms);
    return (original & overcurrent.unused) | (delay << 4) | code(overcurrentThresholds(other), value.threshold_mV);
  },
};

/** The doubling bit of the short circuit is for both. */
function overcurrentThresholds(shortCircuitByte: number): readonly number[] {
  return (shortCircuitByte & DOUBLED) !== 0 ? OC_THRESHOLDS.doubled : OC_THRESHOLDS.single;
}

export const hardDelays: FrontEndByte = {
  unused: 0b0000_1111,
  decode: (byte) => ({
    cell_uv_s: at(UNDER_VOLTAGE_DELAYS, byte >> 6),
    cell_ov_s: at(OVER_VOLTAGE_DELAYS, byte >> 4),
  }),
  encode(value, original) {
    const under = code(UNDER_VOLTAGE_DELAYS, value.cell_uv_s);
    return (original & hardDelays.unused) | (under << 6) | (code(OVER_VOLTAGE_DELAYS, value.cell_ov_s) << 4);
  },
};

/** The entry of the table that the byte's lowest bits number; the table has a power of two entries. */
function at(table: readonly number[], byte: number): number {
  return table[byte & (table.length - 1)] ?? 0;
}

function code(table: readonly number[], value: unknown): number {
  const index = table.indexOf(Number(value));
  if (index < 0) throw new RangeError(`${value} is not one of ${table.join(", ")}`);
  return index;
}

/** True when the coding above is that of the chip. Boards that do not answer 0x00 have this one. */
export function isTi(chip: number | undefined): boolean {
  return chip === undefined || chip === TI;
}
