import type { Told } from "./slow-jbd.ts";

/**
 * What a Thornwave value says, told once more: byte by byte, in no hurry, without a line of the drivers. Floats are
 * put together from their bits, whole numbers of 64 bits one byte at a time.
 */
type Bytes = readonly number[];

const whole = (bytes: Bytes, at: number, size: number) =>
  bytes.slice(at, at + size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
const count = (bytes: Bytes, at: number, size: number) => Number(whole(bytes, at, size));

/** The float in four bytes; NaN and infinities are refused by what becomes of them. */
function float(bytes: Bytes, at: number): number {
  const bits = count(bytes, at, 4);
  const sign = bits >= 2 ** 31 ? -1 : 1;
  const exponent = Math.floor(bits / 2 ** 23) % 256;
  const fraction = bits % 2 ** 23;
  if (exponent === 255) return Number.NaN;
  const size = exponent === 0 ? fraction * 2 ** -149 : (2 ** 23 + fraction) * 2 ** (exponent - 150);
  return size === 0 ? 0 : sign * size;
}

/** A meter in thousandths of a unit and smaller; NaN where it is too large to be told exactly. */
function meter(bytes: Bytes, at: number, places: number): number {
  const unsigned = whole(bytes, at, 8);
  const signed = unsigned >= 2n ** 63n ? unsigned - 2n ** 64n : unsigned;
  if (signed > 2n ** 53n - 1n || signed < -(2n ** 53n) + 1n) return Number.NaN;
  return Number(`${signed}e-${places}`);
}

/** What was put together, unless a number of it is none, or the power is of another moment. */
function believed(told: Record<string, number>, unseen: readonly number[] = []): Told | undefined {
  if ([...Object.values(told), ...unseen].some((value) => Number.isNaN(value))) return undefined;
  const { volts = 0, volts2, amps = 0, watts = 0 } = told;
  const inputs = volts2 === undefined ? [volts] : [volts, volts2];
  const room = 0.05 + 0.005 * Math.abs(watts);
  return inputs.some((input) => Math.abs(watts - input * amps) <= room) ? told : undefined;
}

/** 52 bytes as they are, more are ignored. */
export function slowThornwaveV1(bytes: Bytes): Told | undefined {
  if (bytes.length < 52) return undefined;
  const told: Record<string, number> = {
    volts: float(bytes, 4),
    volts2: float(bytes, 8),
    amps: float(bytes, 12),
    watts: float(bytes, 16),
    temp: float(bytes, 20),
    kwh: meter(bytes, 24, 6),
    ah: meter(bytes, 32, 3),
    uptime: count(bytes, 40, 4),
    peak: float(bytes, 48),
  };
  const percent = Math.floor((bytes[3] ?? 0) / 2);
  if (percent <= 100) told.percent = percent;
  const minutes = Math.floor(count(bytes, 0, 4) / 32) % 32768;
  if (minutes !== 32767) told.runtime = minutes;
  return believed(told);
}

/** 51 or 47 bytes, stuffed, between zeros; more zeros may follow. */
export function slowThornwaveV2(bytes: Bytes): Told | undefined {
  const payload = unstuffed(bytes);
  if (payload?.length !== 51 && payload?.length !== 47) return undefined;
  const told: Record<string, number> = { volts: float(payload, 11) };
  let at = 15;
  const next = (size: number) => {
    at += size;
    return at - size;
  };
  if (payload.length === 51) told.volts2 = float(payload, next(4));
  told.amps = float(payload, next(4));
  told.watts = float(payload, next(4));
  told.ah = meter(payload, next(8), 3);
  told.kwh = meter(payload, next(8), 6);
  told.temp = float(payload, next(4));
  next(1);
  const percent = count(payload, next(1), 1);
  if (percent <= 100) told.percent = percent;
  const minutes = count(payload, next(2), 2);
  if (minutes < 65534) told.runtime = minutes;
  return believed(told);
}

function unstuffed(bytes: Bytes): number[] | undefined {
  const [opening, ...rest] = bytes;
  const end = rest.indexOf(0);
  if (opening !== 0 || end < 0 || rest.slice(end).some((byte) => byte !== 0)) return undefined;
  const decoded: number[] = [];
  let left = 0;
  let zeroDue = false;
  for (const byte of rest.slice(0, end)) {
    if (left > 0) {
      decoded.push(byte);
      left -= 1;
      continue;
    }
    if (zeroDue) decoded.push(0);
    left = byte - 1;
    zeroDue = byte < 255;
  }
  return left === 0 ? decoded : undefined;
}
