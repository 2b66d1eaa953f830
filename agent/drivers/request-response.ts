import { type Assembler, createAssembler, type Framing, type FramingFault } from "../codec/assembler.ts";
import { FrameError } from "../codec/frame-error.ts";
import { type Notifications, RadioError } from "../radio/radio.ts";

/**
 * Request and response over two characteristics: a request is written to one, the response arrives in notifications of
 * the other. Shared by all drivers whose devices work like this.
 */
export interface RequestChannel {
  /**
   * Sends a request up to `attempts` times; a late response to an earlier attempt counts as well. Callers make one
   * request at a time.
   * @throws {FrameError} the most specific failure of all attempts
   * @throws {RadioError} `timeout` when nothing was received, what the rules make of an echo, and errors of the link
   */
  send<T>(request: Request<T>, attempts: number): Promise<T>;
}

/** A request, and how its response is found and read. */
export interface Request<T> {
  readonly bytes: Uint8Array;
  /** Of the response. */
  readonly framing: Framing;
  /** False when a frame belongs to another request. Also called with beginnings of frames: true when too short to decide. */
  matches(frame: Uint8Array): boolean;
  /** Decodes a sound frame. @throws {FrameError} `refused` is final; after any other fault the request is sent again */
  read(frame: Uint8Array): T;
}

/** A driver's knowledge of notifications that are not responses. */
export interface ChannelRules {
  /** True of a notification that the device sends unasked. While waiting it is passed over at no cost. */
  isUnsolicited?(notification: Uint8Array, awaited: Framing): boolean;
  /** The meaning of a request that the device sends back unchanged. Without this rule an echo is not an error. */
  echoError?(): RadioError;
  /** The meaning of a notification that fits nothing, for people; undefined where the driver does not know it. */
  explain?(notification: Uint8Array): string | undefined;
}

/** Responses begin 30 to 133 ms after their request in captures, and a request that is lost is not answered later. */
const RESPONSE_MS = 500;
/** The pieces of one response follow each other within 5 ms: any that repair a damaged one have arrived by then. */
const REPAIR_MS = 50;
/** Stray notifications shorten the wait to no less than this. */
const SHORTEST_WAIT_MS = 60;
/** Bounds the wait for a response when a device notifies without end; a response of 255 bytes may come byte by byte. */
const MAX_NOTIFICATIONS = 512;

/** Reasons why an attempt brought no response; the later, the more specific. */
const KINDS = ["silence", "stray", "explained", "truncated", "damaged", "unusable"] as const;
interface Failure {
  readonly kind: (typeof KINDS)[number];
  readonly error?: FrameError;
}
const SILENCE: Failure = { kind: "silence" };
const SILENT = "connected, but the device answers no request; if this lasts, power-cycle its Bluetooth module";

type Outcome<T> = { readonly response: T } | Failure;

/** `write` sends the bytes of a request; `notifications` are those of the characteristic that responds. */
export function openRequestChannel(
  write: (bytes: Uint8Array) => Promise<void>,
  notifications: Notifications,
  rules: ChannelRules = {},
): RequestChannel {
  /** A notification from before a request does not answer it: neither those that have arrived, nor those that are about to. */
  async function drain(): Promise<void> {
    notifications.clear();
    for (let i = 0; i < MAX_NOTIFICATIONS && (await notifications.next(0)); i++) notifications.clear();
  }

  async function receive<T>(request: Request<T>, assembler: Assembler): Promise<Outcome<T>> {
    let worst = SILENCE;
    let waitMs = RESPONSE_MS;
    for (let i = 0; i < MAX_NOTIFICATIONS; i++) {
      const notification = await notifications.next(waitMs);
      if (!notification) break;
      const outcome = examine(request, assembler, notification, rules);
      if ("response" in outcome || outcome.kind === "unusable") return outcome;
      worst = moreSpecific(worst, outcome);
      if (worst.kind === "damaged") waitMs = REPAIR_MS;
      else if (longestBeginning(request, assembler)) waitMs = RESPONSE_MS;
      else waitMs = Math.max(SHORTEST_WAIT_MS, waitMs / 2);
    }
    // Pieces of a damaged response may still arrive. Those of an incomplete one are lost, and the next response's must
    // not be joined to it.
    if (worst.kind === "damaged") return worst;
    worst = moreSpecific(worst, truncation(request, longestBeginning(request, assembler)));
    assembler.reset();
    return worst;
  }

  return {
    async send(request, attempts) {
      await drain();
      const assembler = createAssembler(request.framing);
      let worst = SILENCE;
      for (let i = 0; i < attempts; i++) {
        await write(request.bytes);
        const outcome = await receive(request, assembler);
        if ("response" in outcome) return outcome.response;
        worst = moreSpecific(worst, outcome);
      }
      throw worst.error ?? new RadioError("timeout", SILENT);
    },
  };
}

/** Undefined where the device is silent, refuses, or sends an unusable response. @throws {RadioError} any other */
export async function optional<T>(response: Promise<T>): Promise<T | undefined> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof FrameError || isSilence(error)) return undefined;
    throw error;
  }
}

export function isSilence(error: unknown): boolean {
  return error instanceof RadioError && error.fault === "timeout";
}

/** The outcome of one notification. @throws {FrameError} {RadioError} what no further attempt can change */
function examine<T>(
  request: Request<T>,
  assembler: Assembler,
  notification: Uint8Array,
  rules: ChannelRules,
): Outcome<T> {
  let worst = SILENCE;
  for (const found of assembler.push(notification)) {
    if (rules.echoError && found.kind === "frame" && isEqual(found.bytes, request.bytes)) throw rules.echoError();
    if (!request.matches(found.bytes)) continue;
    const outcome = found.kind === "frame" ? read(request, found.bytes) : damaged(found.fault);
    if ("response" in outcome) return outcome;
    worst = moreSpecific(worst, outcome);
  }
  const isExpected = longestBeginning(request, assembler) ?? rules.isUnsolicited?.(notification, request.framing);
  return worst === SILENCE && !isExpected ? stray(rules.explain?.(notification)) : worst;
}

function read<T>(request: Request<T>, frame: Uint8Array): Outcome<T> {
  try {
    return { response: request.read(frame) };
  } catch (error) {
    if (!(error instanceof FrameError) || error.fault === "refused") throw error;
    return { kind: "unusable", error };
  }
}

/** The longest beginning of a response that may still be completed. */
function longestBeginning<T>(request: Request<T>, assembler: Assembler): Uint8Array | undefined {
  return assembler
    .pending()
    .filter((bytes) => request.matches(bytes))
    .reduce<Uint8Array | undefined>(
      (longest, bytes) => (bytes.length > (longest?.length ?? 0) ? bytes : longest),
      undefined,
    );
}

/** Of equally specific failures the later counts, but the first explanation: later pieces of a frame begin anyhow. */
function moreSpecific(a: Failure, b: Failure): Failure {
  if (a.kind === b.kind) return a.kind === "explained" ? a : b;
  return KINDS.indexOf(b.kind) > KINDS.indexOf(a.kind) ? b : a;
}

function stray(explanation: string | undefined): Failure {
  if (explanation !== undefined) return { kind: "explained", error: new FrameError("malformed", explanation) };
  const error = new FrameError("malformed", "the device sends bytes that do not answer any request");
  return { kind: "stray", error };
}

function truncation<T>(request: Request<T>, bytes: Uint8Array | undefined): Failure {
  const size = bytes && request.framing.size(bytes);
  if (size === undefined) return SILENCE;
  const error = new FrameError("truncated", `the response ends after ${bytes?.length} of ${size} bytes`);
  return { kind: "truncated", error };
}

function damaged(fault: FramingFault): Failure {
  const what = fault === "checksum" ? "contradicts its checksum" : "does not end where it should";
  return { kind: "damaged", error: new FrameError(fault, `the response ${what}: bytes were lost or changed`) };
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
