import { isDeepStrictEqual } from "node:util";
import { jbd } from "../../agent/drivers/jbd/jbd.ts";
import { exchangesOf, fixturesOf } from "../support/fixture.ts";
import { joined } from "../support/notification-faults.ts";
import { pick, type Random, randomBytes, upTo } from "./mutation.ts";
import { referenceCells, referenceCounters, referenceInformation, referenceModel } from "./reference-jbd.ts";
import { openInstantly, type Subject, unlessRefused } from "./subject.ts";

const REQUESTS = { 3: "dda50300fffd77", 4: "dda50400fffc77", 5: "dda50500fffb77", 170: "dda5aa00ff5677" } as const;
type Register = keyof typeof REQUESTS;

/** Published answers about a register. */
function published(register: Register): readonly (readonly number[])[] {
  return fixturesOf("jbd")
    .flatMap(exchangesOf)
    .filter(({ bytes }) => Buffer.from(bytes).toString("hex") === REQUESTS[register])
    .map(({ answers }) => [...joined(answers)])
    .filter((bytes) => bytes.length > 0);
}

function framed(register: number, payload: readonly number[]): number[] {
  return withSum([0xdd, register, 0, payload.length, ...payload, 0, 0, 0x77]);
}

/** The bytes with the length, checksum and end byte that match their payload. */
function withSum(bytes: readonly number[]): number[] {
  const payload = bytes.slice(4, -3).slice(0, 255);
  const [start = 0, register = 0, status = 0] = bytes;
  const sum = [status, payload.length, ...payload].reduce((left, byte) => (left + 65536 - byte) % 65536, 0);
  return [start, register, status, payload.length, ...payload, sum >> 8, sum & 255, 0x77];
}

/** The bytes as a valid frame, mostly with a valid head as well, so that the payload itself is tested. */
function repaired(register: number, bytes: readonly number[], random: Random): number[] {
  return withSum(random() < 0.2 ? bytes : [0xdd, register, random() < 0.95 ? 0 : 0x80, ...bytes.slice(3)]);
}

function subject(
  register: Register,
  generate: (random: Random) => number[],
  reference: Subject["reference"],
  driver: Subject["driver"],
): Subject {
  const [first = [], ...others] = published(register);
  return {
    name: `JBD 0x${register.toString(16).padStart(2, "0")}`,
    valid: (random) => (random() < 0.5 ? pick(random, [first, ...others]) : framed(register, generate(random))),
    repaired: (bytes, random) => repaired(register, bytes, random),
    reference,
    driver,
  };
}

/** 23 bytes, up to ten temperatures and a tail of any known length, sometimes with the marks of one form. */
function generatedInformation(random: Random): number[] {
  const payload = randomBytes(random, 23);
  if (random() < 0.3) payload.fill(0, 10, 12).fill(0, 18, 19);
  if (random() < 0.2) payload.fill(0xff, 2, 8);
  if (random() < 0.6) payload[20] = upTo(random, 16);
  if (random() < 0.7) payload[21] = upTo(random, 36);
  const sensors = random() < 0.4 ? 4 : upTo(random, 11);
  payload[22] = sensors;
  const tail = randomBytes(random, pick(random, [0, 8, 9, 9, 16, 16, upTo(random, 20)]));
  if (random() < 0.5) tail[0] = 0;
  return [...payload, ...randomBytes(random, 2 * sensors), ...tail];
}

export async function jbdSubjects(): Promise<readonly Subject[]> {
  const { link, session } = await openInstantly(jbd, ["ff00"]);

  /** Answers each request once; equal requests that follow are not answered. */
  function once(answers: Partial<Record<string, Uint8Array>>) {
    const left = new Map(Object.entries(answers));
    link.answer = (request) => {
      const answer = left.get(request);
      left.delete(request);
      return answer;
    };
  }
  const usual = Uint8Array.from(published(0x03)[0] ?? []);
  const usualSample = referenceInformation([...usual]);

  return [
    subject(0x03, generatedInformation, referenceInformation, (bytes) => {
      once({ [REQUESTS[0x03]]: bytes });
      return unlessRefused(session.poll());
    }),
    subject(
      0x04,
      (random) => randomBytes(random, 2 * upTo(random, 35)),
      (bytes) => {
        const cells = referenceCells(bytes);
        return cells && { ...usualSample, ...cells };
      },
      async (bytes) => {
        once({ [REQUESTS[0x03]]: usual, [REQUESTS[0x04]]: bytes });
        const sample = await unlessRefused(session.poll());
        return isDeepStrictEqual(sample, usualSample) ? undefined : sample;
      },
    ),
    subject(
      0x05,
      (random) =>
        Array.from({ length: upTo(random, 32) }, () => 32 + upTo(random, 95)).concat(random() < 0.3 ? [0, 0] : []),
      referenceModel,
      async (bytes) => {
        once({ [REQUESTS[0x05]]: bytes });
        return (await session.describe()).model;
      },
    ),
    subject(
      0xaa,
      (random) => randomBytes(random, pick(random, [22, 24, 24, upTo(random, 30)])),
      referenceCounters,
      async (bytes) => {
        once({ [REQUESTS[0xaa]]: bytes });
        return (await session.describe()).counters;
      },
    ),
  ];
}
