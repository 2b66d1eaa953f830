// A program for fuzz.test.ts: fuzzes the drivers with the arguments FRAMES SEED and sends the figures of each subject to its
// parent. It is a process of its own because node:test traces every promise of its process, which costs a third of the speed.
import { isDeepStrictEqual } from "node:util";
import { seededRandom } from "../../simulator/random.ts";
import { mutated } from "./mutation.ts";
import type { Subject } from "./subject.ts";
import { frameSubjects } from "./subjects-frames.ts";
import { jbdSubjects } from "./subjects-jbd.ts";
import { thornwaveSubjects } from "./subjects-thornwave.ts";

/** Mismatches that are kept of each subject. */
const MAX_KEPT = 10;

export type FigureTable = ReadonlyMap<string, Figures>;

export interface Figures {
  /** Decoded by driver and reference to the same fields. */
  decoded: number;
  /** Refused by both. */
  refused: number;
  mismatched: number;
  /** The first mismatches, as text. */
  readonly mismatches: string[];
}

/** Mutates frames of each subject in turn, repairs every second one, and compares. The same seed gives the same frames. */
async function fuzz(frames: number, seed: number): Promise<FigureTable> {
  const random = seededRandom("fuzz", seed);
  const subjects = [...(await jbdSubjects()), ...(await thornwaveSubjects()), ...frameSubjects()];
  const figures = new Map<string, Figures>(
    subjects.map(({ name }) => [name, { decoded: 0, refused: 0, mismatched: 0, mismatches: [] }]),
  );
  for (let i = 0; i < frames; i++) {
    const subject = subjects[i % subjects.length];
    const count = subject && figures.get(subject.name);
    if (!subject || !count) continue;
    const broken = mutated(subject.valid(random), random);
    const isRepaired = Math.floor(i / subjects.length) % 2 === 1;
    await compare(subject, isRepaired ? subject.repaired(broken, random) : broken, count);
  }
  return figures;
}

async function compare(subject: Subject, frame: readonly number[], figures: Figures): Promise<void> {
  const reference = subject.reference(frame);
  const driver = await subject.driver(Uint8Array.from(frame)).catch((error: unknown) => ({ crashed: String(error) }));
  if (!isDeepStrictEqual(driver, reference)) {
    figures.mismatched += 1;
    if (figures.mismatches.length >= MAX_KEPT) return;
    const hex = Buffer.from(frame).toString("hex");
    figures.mismatches.push(`${hex}: driver ${JSON.stringify(driver)}, reference ${JSON.stringify(reference)}`);
  } else if (driver === undefined) figures.refused += 1;
  else figures.decoded += 1;
}

const [frames, seed] = process.argv.slice(2).map(Number);
if (frames !== undefined && seed !== undefined) process.send?.(await fuzz(frames, seed));
