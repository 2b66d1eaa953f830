import { type Assembled, createAssembler, type Framing } from "../codec/assembler.ts";
import { type Notifications, RadioError } from "../radio/radio.ts";
import {
  type Awaited,
  damaged,
  drain,
  type Failure,
  longestBeginning,
  moreSpecific,
  type Outcome,
  read,
  SILENCE,
  stray,
  truncation,
} from "./reception.ts";
import type { ChannelRules } from "./request-response.ts";

/**
 * Records that a device pushes unasked, once it has been started: a reading ends with the last record of a set, and not
 * with an answer. Shared by all drivers whose devices work like this.
 */
export interface PushedRecords {
  /**
   * The next complete set of which every byte arrived after this call: an old value is never shown as a new one. A
   * damaged or incomplete record costs the wait for the next one. Of a record that comes twice, the newer counts.
   * Callers collect one set at a time.
   * @throws {FrameError} the most specific failure
   * @throws {RadioError} `timeout` when nothing was received, and errors of the link
   */
  collect<Set extends object, Extra extends object = object>(
    stream: PushedStream<Set, Extra>,
    start: "first" | "when-silent",
  ): Promise<Set & Partial<Extra>>;
}

/** The records that belong together, and what makes a device push them. */
export interface PushedStream<Set extends object, Extra extends object = object> {
  readonly framing: Framing;
  /** Each of these is needed. */
  readonly records: RecordKinds<Set>;
  /** Each of these is worth one more start, but not the set. */
  readonly extras?: RecordKinds<Extra>;
  /** Requests to send at the beginning, or when the device was silent; the next entry when it still is. */
  readonly starts: readonly (readonly Uint8Array[])[];
  /** The longest pause of a device that pushes. */
  readonly pauseMs: number;
}

/** One kind of record for each name. */
export type RecordKinds<Set> = { readonly [K in keyof Set]: RecordKind<Set[K]> };
export type RecordKind<T> = Pick<Awaited<T>, "matches" | "read">;

/** Bounds the wait for a set when a device notifies without end: more than single bytes of two long records. */
const MAX_NOTIFICATIONS = 1_024;
const SILENT = "connected, but the device pushes no records; if this lasts, power-cycle its Bluetooth module";

/** `write` sends the bytes of a request; `notifications` are those of the characteristic that pushes. */
export function openPushedRecords(
  write: (bytes: Uint8Array) => Promise<void>,
  notifications: Notifications,
  rules: Pick<ChannelRules, "explain"> = {},
): PushedRecords {
  return {
    async collect<Set extends object, Extra extends object>(
      stream: PushedStream<Set, Extra>,
      start: "first" | "when-silent",
    ) {
      await drain(notifications, MAX_NOTIFICATIONS);
      const set = createSet(stream);
      let worst = SILENCE;
      let startsWithSet = 0;
      for (const requests of start === "first" ? stream.starts : [[], ...stream.starts]) {
        for (const bytes of requests) await write(bytes);
        worst = moreSpecific(worst, await fill(set, stream));
        if (!set.isComplete()) set.clear();
        else if (set.hasExtras() || ++startsWithSet > 1) break;
      }
      if (set.isComplete()) return set.records() as Set & Partial<Extra>;
      throw worst.error ?? new RadioError("timeout", SILENT);
    },
  };

  /** Fills the set until its last record has arrived, or nothing more does. */
  async function fill(set: RecordSet, { framing, pauseMs }: PushedStream<object>): Promise<Failure> {
    const assembler = createAssembler(framing);
    let worst = SILENCE;
    let isFresh = false;
    for (let i = 0; i < MAX_NOTIFICATIONS && !(isFresh && set.isComplete()); i++) {
      const notification = await notifications.next(pauseMs);
      if (!notification) break;
      const outcomes = addAll(set, assembler.push(notification));
      isFresh ||= outcomes.some((outcome) => "response" in outcome);
      const isExpected = outcomes.length > 0 || longestBeginning(set, assembler);
      const failures = isExpected ? outcomes.filter(isFailure) : [stray(rules.explain?.(notification))];
      worst = failures.reduce(moreSpecific, worst);
    }
    return moreSpecific(worst, truncation(framing, longestBeginning(set, assembler)));
  }
}

const isFailure = (outcome: Outcome<unknown>): outcome is Failure => !("response" in outcome);

/** One outcome for each record of the set. @throws {FrameError} `refused` */
function addAll(set: RecordSet, assembled: readonly Assembled[]): Outcome<unknown>[] {
  return assembled
    .filter(({ bytes }) => set.matches(bytes))
    .map((found) => (found.kind === "frame" ? set.add(found.bytes) : damaged(found.fault)));
}

/** The records of one call so far. */
interface RecordSet extends Pick<Awaited<unknown>, "matches"> {
  add(frame: Uint8Array): Outcome<unknown>;
  isComplete(): boolean;
  hasExtras(): boolean;
  /** Forgets all records: those of one set are no more than a start apart. */
  clear(): void;
  records(): object;
}

function createSet({ records, extras = {} }: Pick<PushedStream<object>, "records" | "extras">): RecordSet {
  const kinds = Object.entries<RecordKind<unknown>>({ ...records, ...extras });
  const found = new Map<string, unknown>();
  const hasAll = (names: object) => Object.keys(names).every((name) => found.has(name));
  return {
    matches: (frame) => kinds.some(([, kind]) => kind.matches(frame)),
    add(frame) {
      const [name, kind] = kinds.find(([, { matches }]) => matches(frame)) ?? [];
      if (name === undefined || !kind) return SILENCE;
      const outcome = read(kind, frame);
      if ("response" in outcome) found.set(name, outcome.response);
      return outcome;
    },
    isComplete: () => hasAll(records),
    hasExtras: () => hasAll(extras),
    clear: () => found.clear(),
    records: () => Object.fromEntries(found),
  };
}
