import { registerRequest } from "../../agent/drivers/modbus-request.ts";
import { type DecodeFrame, readRecorded } from "../../agent/drivers/recorded-frame.ts";
import { decoderOf } from "../../scripts/tools/decode-frames.ts";
import { pick, type Random, randomBytes, upTo } from "./mutation.ts";
import { DALY_STATUS, referenceDaly } from "./reference-daly.ts";
import type { Decoded } from "./reference-jbd.ts";
import { JK_HEADER, JK_SIZE, jkSum, referenceJk } from "./reference-jk.ts";
import { type Asked, referenceAnswer, referenceCrc } from "./reference-modbus.ts";
import { type Subject, unlessRefused } from "./subject.ts";

/** Families whose frames are decoded one by one, outside of sessions. Where a reference knows no quantity, none is compared. */
export function frameSubjects(): readonly Subject[] {
  return [modbusSubject(), dalySubject(), jkSubject(32), jkSubject(24)];
}

const ASKED: Asked = { unit: 1, count: 9 };

/** The codec that all families with Modbus registers share: the data of an answer. */
function modbusSubject(): Subject {
  const request = registerRequest({ ...ASKED, start: 0 }, (data) => [...data]);
  return {
    name: "Modbus",
    valid: (random) => answered(ASKED, randomBytes(random, 2 * pick(random, [9, 9, 9, 9, upTo(random, 40)]))),
    repaired: (bytes, random) => (random() < 0.1 ? exception(1, upTo(random, 8)) : readdressed(ASKED, bytes, random)),
    driver: (bytes) => unlessRefused(readRecorded(request, [bytes])),
    reference: (bytes) => referenceAnswer(bytes, ASKED, (data) => data),
  };
}

function dalySubject(): Subject {
  const request = Uint8Array.from([0xd2, 3, 0, 0, 0, 62, 0xd7, 0xb9]);
  // 32 cells and 32 sensors.
  const complete = answered(
    DALY_STATUS,
    Array.from({ length: 2 * DALY_STATUS.count }, (_, i) => (i % 2) * 32),
  );
  return {
    name: "Daly D2",
    valid: (random) => answered(DALY_STATUS, dalyRegisters(random, randomBytes(random, 2 * DALY_STATUS.count))),
    repaired: (bytes, random) => readdressed(DALY_STATUS, bytes, random),
    driver: quantities(decoderOf("daly"), { layout: "d2-62", request }, referenceDaly(complete)),
    reference: referenceDaly,
  };
}

/** Mostly with numbers of cells and sensors that are possible. */
function dalyRegisters(random: Random, registers: number[]): number[] {
  if (random() < 0.9) registers.splice(2 * 0x31, 4, 0, upTo(random, 35), 0, upTo(random, 10));
  for (let sensor = 0; sensor < 8; sensor++) registers[2 * (0x20 + sensor)] = random() < 0.9 ? 0 : 1;
  return registers;
}

/** Offsets of fields that are mostly given possible values. */
const JK_FIELDS = {
  32: { mask: 70, percent: 173, temperatures: [144, 162, 164, 256, 258] },
  24: { mask: 54, percent: 141, temperatures: [134, 130, 132] },
} as const;

function jkSubject(slots: 24 | 32): Subject {
  const reference = (bytes: readonly number[]) => referenceJk(slots, bytes);
  // Every slot has a cell.
  const complete = jkRecord(new Array<number>(JK_SIZE).fill(0xff).with(JK_FIELDS[slots].percent, 1));
  return {
    name: `JK ${slots}S`,
    valid: (random) => jkRecord(jkBody(slots, random)),
    repaired: (bytes, random) => jkRecord(bytes, random() < 0.95 ? 2 : upTo(random, 4)),
    driver: quantities(decoderOf("jk"), { layout: `cell-${slots}s` }, reference(complete)),
    reference,
  };
}

function jkBody(slots: 24 | 32, random: Random): number[] {
  const { mask, percent, temperatures } = JK_FIELDS[slots];
  const bytes = randomBytes(random, JK_SIZE);
  if (random() < 0.9) bytes[percent] = upTo(random, 101);
  if (random() < 0.1) bytes.fill(0, mask, mask + 4);
  const absent: readonly [number[], ...number[][]] = [
    [0x30, 0xf8],
    [0, 0],
  ];
  for (const at of temperatures) if (random() < 0.2) bytes.splice(at, 2, ...pick(random, absent));
  return bytes;
}

/** The bytes with the header, type, length and sum of a record. */
function jkRecord(bytes: readonly number[], type = 2): number[] {
  const body = [...JK_HEADER, type, ...bytes.slice(5, JK_SIZE - 1)];
  const filled = Array.from({ length: JK_SIZE - 1 }, (_, i) => body[i] ?? 0);
  return [...filled, jkSum(filled)];
}

/** The decoder of a driver, with the quantities that the reference finds in a frame that has all of them. */
function quantities(
  decode: DecodeFrame,
  frame: { readonly layout: string; readonly request?: Uint8Array },
  known: Decoded | undefined,
): Subject["driver"] {
  const words = new Set(Object.keys(known ?? {}));
  return async (bytes) => {
    const decoded = await unlessRefused(Promise.resolve(decode({ ...frame, notifications: [bytes] })));
    return decoded && Object.fromEntries(Object.entries(decoded).filter(([name]) => words.has(name)));
  };
}

function answered({ unit }: Asked, data: readonly number[]): number[] {
  const message = [unit, 3, data.length, ...data];
  return [...message, ...referenceCrc(message)];
}

function exception(unit: number, code: number): number[] {
  const message = [unit, 0x83, code];
  return [...message, ...referenceCrc(message)];
}

/** The bytes as an answer of the unit, mostly of the length that was asked for. */
function readdressed(asked: Asked, bytes: readonly number[], random: Random): number[] {
  const data = bytes.slice(3, -2);
  const size = random() < 0.85 ? 2 * asked.count : Math.min(255, data.length);
  return answered(
    asked,
    Array.from({ length: size }, (_, i) => data[i] ?? 0),
  );
}
