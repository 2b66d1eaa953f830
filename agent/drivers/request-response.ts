import { type Assembler, createAssembler, type Framing, type FramingFault } from "../codec/assembler.ts";
import { FrameError } from "../codec/frame-error.ts";
import { type Link, type Notifications, RadioError } from "../radio/radio.ts";
import { jbdFraming } from "./jbd/frame.ts";
import { moduleFraming } from "./jbd/module-frame.ts";

/** One request and what counts as its answer. */
export interface Question<T> {
  readonly request: Uint8Array;
  readonly framing: Framing;
  /** Whether a frame is about what was asked; a beginning that is too short to tell may be. */
  concerns(frame: Uint8Array): boolean;
  /** The answer in a sound frame. @throws {FrameError} `refused` is final, anything else is worth another try */
  read(frame: Uint8Array): T;
}

export interface Conversation {
  /**
   * Asks up to `tries` times; a late answer to an earlier try is as good. Callers take turns.
   * @throws {FrameError} the most telling thing that came instead of an answer
   * @throws {RadioError} `timeout` when nothing came, `pairing-needed` when the request itself came back, link errors
   */
  ask<T>(question: Question<T>, tries: number): Promise<T>;
}

/** Answers begin 30 to 133 ms after their request in captures, and a request that is lost stays lost. */
const PATIENCE_MS = 500;
/** The pieces of one answer follow each other within 5 ms: what can mend a damaged one is there by then. */
const MENDING_MS = 50;
/** What a stranger's bytes leave of the patience at least. */
const LEAST_PATIENCE_MS = 60;
/** A device that talks without end is not listened to without end. */
const MOST_PIECES = 128;

/** What a try brought instead of an answer, the more telling the later. */
const TELLING = ["silence", "strangers", "truncated", "damaged", "unusable"] as const;
interface Failure {
  readonly telling: (typeof TELLING)[number];
  readonly error?: FrameError;
}
const MUTE = "connected, but the pack answers nothing; if this lasts, power-cycle its Bluetooth module";
const SILENCE: Failure = { telling: "silence" };

type Outcome<T> = { readonly answer: T } | Failure;

export function createConversation(link: Link, writeTo: string, heard: Notifications): Conversation {
  /** What was notified before a question is no answer to it. */
  async function drain(): Promise<void> {
    for (let i = 0; i < MOST_PIECES && (await heard.next(0)); i++);
  }

  async function listen<T>(question: Question<T>, assembler: Assembler): Promise<Outcome<T>> {
    let worst = SILENCE;
    let patience = PATIENCE_MS;
    for (let i = 0; i < MOST_PIECES; i++) {
      const piece = await heard.next(patience);
      if (!piece) break;
      const outcome = hear(question, assembler, piece);
      if ("answer" in outcome || outcome.telling === "unusable") return outcome;
      worst = moreTelling(worst, outcome);
      if (worst.telling === "damaged") patience = MENDING_MS;
      else if (beginning(question, assembler)) patience = PATIENCE_MS;
      else patience = Math.max(LEAST_PATIENCE_MS, patience / 2);
    }
    // Pieces of a damaged answer may still be on their way; those of one that has stopped are lost, and must not be
    // joined to the next answer's.
    if (worst.telling === "damaged") return worst;
    worst = moreTelling(worst, truncation(question, beginning(question, assembler)));
    assembler.reset();
    return worst;
  }

  return {
    async ask(question, tries) {
      await drain();
      const assembler = createAssembler(question.framing);
      let worst = SILENCE;
      for (let i = 0; i < tries; i++) {
        await link.write(writeTo, question.request, "command");
        const outcome = await listen(question, assembler);
        if ("answer" in outcome) return outcome.answer;
        worst = moreTelling(worst, outcome);
      }
      throw worst.error ?? new RadioError("timeout", MUTE);
    },
  };
}

/** Undefined where the device is silent, refuses, or cannot be understood. @throws {RadioError} when the link is at fault */
export async function ifTold<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof FrameError || isSilence(error)) return undefined;
    throw error;
  }
}

export function isSilence(error: unknown): boolean {
  return error instanceof RadioError && error.fault === "timeout";
}

/** What one notification brings. @throws {FrameError} {RadioError} what no further try can change */
function hear<T>(question: Question<T>, assembler: Assembler, piece: Uint8Array): Outcome<T> {
  let worst = SILENCE;
  for (const found of assembler.push(piece)) {
    if (found.kind === "frame" && isEqual(found.bytes, question.request)) throw pairingNeeded();
    if (!question.concerns(found.bytes)) continue;
    const outcome = found.kind === "frame" ? readAnswer(question, found.bytes) : damaged(found.fault);
    if ("answer" in outcome) return outcome;
    worst = moreTelling(worst, outcome);
  }
  const expected = beginning(question, assembler) ?? isKnownStranger(piece, question.framing);
  return worst === SILENCE && !expected ? strangers() : worst;
}

function readAnswer<T>(question: Question<T>, frame: Uint8Array): Outcome<T> {
  try {
    return { answer: question.read(frame) };
  } catch (error) {
    if (!(error instanceof FrameError) || error.fault === "refused") throw error;
    return { telling: "unusable", error };
  }
}

/** The longest beginning of an answer that may still become whole. */
function beginning<T>(question: Question<T>, assembler: Assembler): Uint8Array | undefined {
  return assembler
    .pending()
    .filter((bytes) => question.concerns(bytes))
    .reduce<Uint8Array | undefined>(
      (longest, bytes) => (bytes.length > (longest?.length ?? 0) ? bytes : longest),
      undefined,
    );
}

/** The single 00 after subscribing, big packs' broadcasts, and what the other half of the device says unasked. */
function isKnownStranger(piece: Uint8Array, asked: Framing): boolean {
  const [first, second] = piece;
  if (piece.length === 1 && first === 0x00) return true;
  if (first === 0x02 && second === 0x51) return true;
  return [jbdFraming, moduleFraming].some((framing) => framing !== asked && framing.starts(piece));
}

function moreTelling(a: Failure, b: Failure): Failure {
  return TELLING.indexOf(b.telling) >= TELLING.indexOf(a.telling) ? b : a;
}

function strangers(): Failure {
  const error = new FrameError("malformed", "the pack sends bytes that answer nothing that was asked");
  return { telling: "strangers", error };
}

function truncation<T>(question: Question<T>, bytes: Uint8Array | undefined): Failure {
  const size = bytes && question.framing.size(bytes);
  if (size === undefined) return SILENCE;
  const error = new FrameError("truncated", `the answer broke off after ${bytes?.length} of ${size} bytes`);
  return { telling: "truncated", error };
}

function damaged(fault: FramingFault): Failure {
  const what = fault === "checksum" ? "contradicts its checksum" : "does not end where it should";
  return { telling: "damaged", error: new FrameError(fault, `the answer ${what}: bytes of it were lost or changed`) };
}

/** Modules that want an encrypted link send every request back (newer Liontron packs). */
function pairingNeeded(): RadioError {
  return new RadioError(
    "pairing-needed",
    "the pack sends our requests back: it wants a paired, encrypted link; pair it, or give its passkey with --pin",
  );
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
