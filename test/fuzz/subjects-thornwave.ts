import { thornwave } from "../../agent/drivers/thornwave/thornwave.ts";
import { exchangesOf, fixturesOf } from "../support/fixture.ts";
import { pick, type Random, randomBytes } from "./mutation.ts";
import { referenceThornwaveV1, referenceThornwaveV2 } from "./reference-thornwave.ts";
import { openInstantly, type Subject, unlessRefused } from "./subject.ts";

const V1 = "7a95ce00-0ea8-1bcc-71a2-fc7539b81c9c";
const V2 = "ec7c0000-2c7b-1539-172f-29d041beab3e";

/** Complete published values of a format. */
function published(service: string): readonly (readonly number[])[] {
  return fixturesOf("thornwave")
    .filter(({ services, expect }) => services.includes(service) && expect.sample)
    .flatMap((fixture) => exchangesOf(fixture).flatMap(({ answers }) => answers.map((value) => [...value])));
}

/** The bytes with the power set to voltage times current; `[volts, amps, watts]` are offsets of floats. */
function withPower(bytes: readonly number[], [volts, amps, watts]: readonly [number, number, number]): number[] {
  if (bytes.length < watts + 4) return [...bytes];
  const view = new DataView(Uint8Array.from(bytes).buffer);
  view.setFloat32(watts, view.getFloat32(volts, true) * view.getFloat32(amps, true), true);
  return [...new Uint8Array(view.buffer)];
}

/** The bytes with random floats of plausible size at these offsets. */
function withFloats(bytes: readonly number[], random: Random, offsets: readonly number[]): number[] {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  for (const at of offsets) view.setFloat32(at, (random() - 0.3) * 100, true);
  return [...new Uint8Array(view.buffer)];
}

function cobsEncoded(payload: readonly number[]): number[] {
  const runs = payload.reduce<number[][]>(
    (all, byte) => {
      if (byte === 0) all.push([]);
      else all.at(-1)?.push(byte);
      return all;
    },
    [[]],
  );
  return [0, ...runs.flatMap((run) => [Math.min(255, run.length + 1), ...run]), 0];
}

/** The COBS payload; for broken encoding an approximation. */
function cobsDecoded(bytes: readonly number[]): number[] {
  const payload: number[] = [];
  for (let at = 1; at < bytes.length && bytes[at] !== 0; at += bytes[at] ?? 1) {
    if (at > 1) payload.push(0);
    payload.push(...bytes.slice(at + 1, at + (bytes[at] ?? 1)));
  }
  return payload;
}

export async function thornwaveSubjects(): Promise<readonly Subject[]> {
  const v1 = await openInstantly(thornwave, [V1]);
  const v2 = await openInstantly(thornwave, [V2]);
  const [firstV1 = [], ...othersV1] = published(V1);
  const [firstV2 = [], ...othersV2] = published(V2);
  const offsets = (payload: readonly number[]): readonly [number, number, number] =>
    payload.length === 47 ? [11, 15, 19] : [11, 19, 23];

  return [
    {
      name: "Thornwave v1",
      valid(random) {
        if (random() < 0.5) return pick(random, [firstV1, ...othersV1]);
        const floats = withFloats(randomBytes(random, 52), random, [4, 8, 12, 20, 48]);
        return withPower(withSmallMeters(floats, random, [24, 32]), [4, 12, 16]);
      },
      repaired: (bytes) => withPower(bytes, [4, 12, 16]),
      reference: referenceThornwaveV1,
      driver(bytes) {
        v1.link.answer = () => bytes;
        return unlessRefused(v1.session.poll());
      },
    },
    {
      name: "Thornwave v2",
      valid(random) {
        if (random() < 0.5) return pick(random, [firstV2, ...othersV2]);
        const size = random() < 0.5 ? 47 : 51;
        const [volts, amps, watts] = offsets(randomBytes(random, size));
        const floats = withFloats(randomBytes(random, size), random, [volts, amps, watts + 20]);
        return cobsEncoded(withPower(withSmallMeters(floats, random, [watts + 4, watts + 12]), [volts, amps, watts]));
      },
      repaired(bytes) {
        const payload = cobsDecoded(bytes);
        return cobsEncoded(withPower(payload, offsets(payload)));
      },
      reference: referenceThornwaveV2,
      driver(bytes) {
        v2.link.answer = () => bytes;
        return unlessRefused(v2.session.poll());
      },
    },
  ];
}

/** The bytes with small meter values of either sign at these offsets; every tenth keeps its size. */
function withSmallMeters(bytes: readonly number[], random: Random, offsets: readonly number[]): number[] {
  const near = [...bytes];
  for (const at of offsets) if (random() < 0.9) near.fill(random() < 0.5 ? 0 : 255, at + 5, at + 8);
  return near;
}
