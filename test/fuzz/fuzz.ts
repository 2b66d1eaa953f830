import { isDeepStrictEqual } from "node:util";
import { seededRandom } from "../../simulator/random.ts";
import { mutated } from "./mutation.ts";
import type { Subject } from "./subject.ts";
import { jbdSubjects } from "./subjects-jbd.ts";
import { thornwaveSubjects } from "./subjects-thornwave.ts";

export interface Figures {
  /** Told by driver and slow decoder, field by field the same. */
  told: number;
  /** Refused by both. */
  refused: number;
  mismatched: number;
  /** The first few that did not match. */
  readonly mismatches: Mismatch[];
}

export interface Mismatch {
  readonly subject: string;
  readonly hex: string;
  readonly driver: unknown;
  readonly slow: unknown;
}

const MOST_MISMATCHES = 10;

/** Mutates so many frames, every second one made right again, and compares; the same seed gives the same frames. */
export async function fuzz(frames: number, seed: number): Promise<ReadonlyMap<string, Figures>> {
  const random = seededRandom("fuzz", seed);
  const subjects = [...(await jbdSubjects()), ...(await thornwaveSubjects())];
  const figures = new Map<string, Figures>(
    subjects.map(({ name }) => [name, { told: 0, refused: 0, mismatched: 0, mismatches: [] }]),
  );
  for (let i = 0; i < frames; i++) {
    const subject = subjects[i % subjects.length];
    const count = subject && figures.get(subject.name);
    if (!subject || !count) continue;
    const broken = mutated(subject.sound(random), random);
    const isRepaired = Math.floor(i / subjects.length) % 2 === 1;
    await compare(subject, isRepaired ? subject.repaired(broken, random) : broken, count);
  }
  return figures;
}

async function compare(subject: Subject, frame: readonly number[], figures: Figures): Promise<void> {
  const slow = subject.slow(frame);
  const driver = await subject.driver(Uint8Array.from(frame)).catch((error: unknown) => ({ crashed: String(error) }));
  if (!isDeepStrictEqual(driver, slow)) {
    figures.mismatched += 1;
    const hex = Buffer.from(frame).toString("hex");
    if (figures.mismatches.length < MOST_MISMATCHES)
      figures.mismatches.push({ subject: subject.name, hex, driver, slow });
  } else if (driver === undefined) figures.refused += 1;
  else figures.told += 1;
}
