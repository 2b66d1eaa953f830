import type { Decoded } from "./reference-jbd.ts";

/**
 * A second, independent decoder of Thornwave values that shares no code with the driver. It is slow and simple: floats are
 * assembled from their bits, 64-bit integers one byte at a time.
 */
type Bytes = readonly number[];

const whole = (bytes: Bytes, at: number, size: number) =>
  bytes.slice(at, at + size).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
const count = (bytes: Bytes, at: number, size: number) => Number(whole(bytes, at, size));

/** Float in four bytes; NaN for NaN and for the infinities. */
function float(bytes: Bytes, at: number): number {
  const bits = count(bytes, at, 4);
  const sign = bits >= 2 ** 31 ? -1 : 1;
  const exponent = Math.floor(bits / 2 ** 23) % 256;
  const fraction = bits % 2 ** 23;
  if (exponent === 255) return Number.NaN;
  const size = exponent === 0 ? fraction * 2 ** -149 : (2 ** 23 + fraction) * 2 ** (exponent - 150);
  return size === 0 ? 0 : sign * size;
}

/** A meter in thousandths of a unit and smaller; NaN where a double cannot hold it exactly. */
function meter(bytes: Bytes, at: number, places: number): number {
  const unsigned = whole(bytes, at, 8);
  const signed = unsigned >= 2n ** 63n ? unsigned - 2n ** 64n : unsigned;
  if (signed > 2n ** 53n - 1n || signed < -(2n ** 53n) + 1n) return Number.NaN;
  return Number(`${signed}e-${places}`);
}

/** The values, unless one is NaN or the power does not match voltage times current. */
function plausible(decoded: Record<string, number>, unseen: readonly number[] = []): Decoded | undefined {
  const { volts = 0, volts2, amps = 0, watts = 0 } = decoded;
  const { temp = 0, ...others } = decoded;
  if ([...Object.values(others), ...unseen].some((value) => Number.isNaN(value))) return undefined;
  const inputs = volts2 === undefined ? [volts] : [volts, volts2];
  const room = 0.05 + 0.005 * Math.abs(watts);
  return !inputs.some((input) => Math.abs(watts - input * amps) <= room)
    ? undefined
    : temp >= -50 && temp <= 150
      ? decoded
      : others;
}

/** Format v1: 52 plain bytes; further bytes are ignored. */
export function referenceThornwaveV1(bytes: Bytes): Decoded | undefined {
  if (bytes.length < 52) return undefined;
  const decoded: Record<string, number> = {
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
  if (percent <= 100) decoded.percent = percent;
  const minutes = Math.floor(count(bytes, 0, 4) / 32) % 32768;
  if (minutes !== 32767) decoded.runtime = minutes;
  return plausible(decoded);
}

/** Format v2: 51 or 47 bytes, COBS-encoded, between zeros; more zeros may follow. */
export function referenceThornwaveV2(bytes: Bytes): Decoded | undefined {
  const payload = cobsDecoded(bytes);
  if (payload?.length !== 51 && payload?.length !== 47) return undefined;
  const decoded: Record<string, number> = { volts: float(payload, 11) };
  let at = 15;
  const next = (size: number) => {
    at += size;
    return at - size;
  };
  if (payload.length === 51) decoded.volts2 = float(payload, next(4));
  decoded.amps = float(payload, next(4));
  decoded.watts = float(payload, next(4));
  decoded.ah = meter(payload, next(8), 3);
  decoded.kwh = meter(payload, next(8), 6);
  decoded.temp = float(payload, next(4));
  next(1);
  const percent = count(payload, next(1), 1);
  if (percent <= 100) decoded.percent = percent;
  const minutes = count(payload, next(2), 2);
  if (minutes < 65534) decoded.runtime = minutes;
  return plausible(decoded);
}

function cobsDecoded(bytes: Bytes): number[] | undefined {
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
