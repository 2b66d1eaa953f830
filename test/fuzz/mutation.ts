/** Random numbers from 0 up to 1. */
export type Random = () => number;

export function upTo(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
export function pick<T>(random: Random, from: readonly [T, ...T[]]): T {
  return from[upTo(random, from.length)] ?? from[0];
}
export function randomBytes(random: Random, length: number): number[] {
  return Array.from({ length }, () => upTo(random, 256));
}

type Mutation = (bytes: readonly number[], random: Random) => readonly number[];

const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0xff, 0xdd, 0x77, 0xa5, 0x03, 0x04] as const;

/** Mutations that move no byte. */
const IN_PLACE: readonly [Mutation, ...Mutation[]] = [
  (bytes, random) => replaced(bytes, random, (byte) => byte ^ (1 << upTo(random, 8))),
  (bytes, random) => replaced(bytes, random, () => upTo(random, 256)),
  (bytes, random) => replaced(bytes, random, () => pick(random, INTERESTING)),
  (bytes, random) => replaced(bytes, random, (byte) => (byte + (random() < 0.5 ? 1 : 255)) % 256),
];

/** Mutations that remove, insert, repeat or move bytes. */
const MOVING: readonly [Mutation, ...Mutation[]] = [
  (bytes, random) => spliced(bytes, random, 1 + upTo(random, 4), []),
  (bytes, random) => spliced(bytes, random, 0, randomBytes(random, 1 + upTo(random, 4))),
  (bytes, random) =>
    spliced(bytes, random, upTo(random, 8), bytes.slice(upTo(random, bytes.length)).slice(0, upTo(random, 12))),
  (bytes, random) => bytes.slice(0, upTo(random, bytes.length + 1)),
  (bytes, random) => bytes.slice(upTo(random, bytes.length + 1)),
  (bytes, random) => [...bytes, ...randomBytes(random, upTo(random, 10))],
  (bytes, random) => [...randomBytes(random, upTo(random, 10)), ...bytes],
  (bytes) => [...bytes, ...bytes],
];

/** The bytes after one to four random mutations: all in place, or of any kind. */
export function mutated(bytes: readonly number[], random: Random): readonly number[] {
  let result = bytes;
  const inPlace = random() < 0.5;
  for (let times = 1 + upTo(random, 4); times > 0; times--)
    result = pick(random, inPlace ? IN_PLACE : MOVING)(result, random);
  return result;
}

function replaced(bytes: readonly number[], random: Random, change: (byte: number) => number): readonly number[] {
  const at = upTo(random, bytes.length);
  return bytes.map((byte, i) => (i === at ? change(byte) : byte));
}

function spliced(
  bytes: readonly number[],
  random: Random,
  remove: number,
  insert: readonly number[],
): readonly number[] {
  const at = upTo(random, bytes.length + 1);
  return [...bytes.slice(0, at), ...insert, ...bytes.slice(at + remove)];
}
