import type { Decoded } from "./reference-jbd.ts";
import { referenceAnswer } from "./reference-modbus.ts";

/**
 * A second, independent decoder of Daly's 62 registers, written from the vendor's register tables and sharing no code with
 * the driver. Decimal points are placed as text.
 */
type Bytes = readonly number[];

export const DALY_STATUS = { unit: 0xd2, count: 62, isOnlyLength: true } as const;

/** Bits that stop the battery, by register and number of the bit. */
const PROTECTIONS = {
  ovp: [0x3a, 1],
  uvp: [0x3a, 3],
  bov: [0x3a, 5],
  buv: [0x3a, 7],
  cot: [0x3a, 9],
  cut: [0x3a, 11],
  dot: [0x3a, 13],
  dut: [0x3a, 15],
  coc: [0x3b, 1],
  duc: [0x3b, 3],
} as const;

/** The quantities of an answer; undefined where it must be refused. */
export const referenceDaly = (bytes: Bytes): Decoded | undefined => referenceAnswer(bytes, DALY_STATUS, decode);

function decode(data: Bytes): Decoded | undefined {
  const register = (number: number) => (data[2 * number] ?? 0) * 256 + (data[2 * number + 1] ?? 0);
  const tenths = (number: number, zero = 0) => Number(`${register(number) - zero}e-1`);
  const cells = register(0x31);
  if (cells === 0 || cells > 32) return undefined;
  const decoded: Record<string, number> = {
    volts: tenths(0x28),
    amps: tenths(0x29, 30000),
    percent: tenths(0x2a),
    remain: tenths(0x30),
    cellmax: register(0x2b),
    cellmin: register(0x2c),
    state: register(0x2f),
    delta: register(0x38),
    cycles: register(0x33),
    fet: (register(0x35) > 0 ? 1 : 0) + (register(0x36) > 0 ? 2 : 0),
    cells,
  };
  for (let cell = 1; cell <= cells; cell++) {
    const millivolts = register(cell - 1);
    decoded[`cell${cell}`] = millivolts;
    if (cell === 1 || millivolts < register((decoded.mincell ?? 0) - 1)) decoded.mincell = cell;
    if (cell === 1 || millivolts > register((decoded.maxcell ?? 0) - 1)) decoded.maxcell = cell;
  }
  for (let sensor = 1; sensor <= Math.min(8, register(0x32)); sensor++) {
    const count = register(0x1f + sensor);
    if (count !== 255 && count <= 190) decoded[`temp${sensor}`] = count - 40;
  }
  for (const [name, [number, bit]] of Object.entries(PROTECTIONS)) {
    decoded[name] = Math.floor(register(number) / 2 ** bit) % 2;
  }
  return decoded;
}
