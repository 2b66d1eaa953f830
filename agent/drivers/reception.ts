import type { Assembler, Framing, FramingFault } from "../codec/assembler.ts";
import { FrameError } from "../codec/frame-error.ts";
import type { Notifications } from "../radio/radio.ts";

/** Waiting for frames in notifications, and the reasons why none came: shared by requests and by pushed records. */

/** A frame that is awaited, and how it is found and read. */
export interface Awaited<T> {
  readonly framing: Framing;
  /** False when a frame is another one. Also called with beginnings of frames: true when too short to decide. */
  matches(frame: Uint8Array): boolean;
  /** Decodes a sound frame. @throws {FrameError} `refused` is final; after any other fault a further frame is awaited */
  read(frame: Uint8Array): T;
}

/** Reasons why nothing was received; the later, the more specific. */
const KINDS = ["silence", "stray", "explained", "truncated", "damaged", "unusable"] as const;
export interface Failure {
  readonly kind: (typeof KINDS)[number];
  readonly error?: FrameError;
}
export const SILENCE: Failure = { kind: "silence" };

export type Outcome<T> = { readonly response: T } | Failure;

/** Discards the notifications of before: those that have arrived, and those that are about to, up to `most`. */
export async function drain(notifications: Notifications, most: number): Promise<void> {
  notifications.clear();
  for (let i = 0; i < most && (await notifications.next(0)); i++) notifications.clear();
}

/** Of equally specific failures the later counts, but the first explanation: later pieces of a frame begin anyhow. */
export function moreSpecific(a: Failure, b: Failure): Failure {
  if (a.kind === b.kind) return a.kind === "explained" ? a : b;
  return KINDS.indexOf(b.kind) > KINDS.indexOf(a.kind) ? b : a;
}

/** Reads a sound frame. @throws {FrameError} `refused` */
export function read<T>(awaited: Pick<Awaited<T>, "read">, frame: Uint8Array): Outcome<T> {
  try {
    return { response: awaited.read(frame) };
  } catch (error) {
    if (!(error instanceof FrameError) || error.fault === "refused") throw error;
    return { kind: "unusable", error };
  }
}

/** The longest beginning of an awaited frame that may still be completed. */
export function longestBeginning(
  { matches }: Pick<Awaited<unknown>, "matches">,
  assembler: Assembler,
): Uint8Array | undefined {
  return assembler
    .pending()
    .filter((bytes) => matches(bytes))
    .reduce<Uint8Array | undefined>(
      (longest, bytes) => (bytes.length > (longest?.length ?? 0) ? bytes : longest),
      undefined,
    );
}

export function stray(explanation: string | undefined): Failure {
  if (explanation !== undefined) return { kind: "explained", error: new FrameError("malformed", explanation) };
  const error = new FrameError("malformed", "the device sends bytes that do not answer any request");
  return { kind: "stray", error };
}

export function truncation({ size }: Framing, bytes: Uint8Array | undefined): Failure {
  const whole = bytes && size(bytes);
  if (whole === undefined) return SILENCE;
  const error = new FrameError("truncated", `the response ends after ${bytes?.length} of ${whole} bytes`);
  return { kind: "truncated", error };
}

export function damaged(fault: FramingFault): Failure {
  const what = fault === "checksum" ? "contradicts its checksum" : "does not end where it should";
  return { kind: "damaged", error: new FrameError(fault, `the response ${what}: bytes were lost or changed`) };
}
