import { type Assembler, createAssembler, type Framing } from "../codec/assembler.ts";
import { FrameError } from "../codec/frame-error.ts";
import { type Notifications, RadioError } from "../radio/radio.ts";
import {
  type Awaited,
  damaged,
  drain,
  longestBeginning,
  moreSpecific,
  type Outcome,
  read,
  SILENCE,
  stray,
  truncation,
} from "./reception.ts";

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

/** A request, and the response that is awaited. */
export interface Request<T> extends Awaited<T> {
  readonly bytes: Uint8Array;
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
/**
 * Once a response has begun: its pieces follow each other within 5 ms in captures. A link that sends one piece every 100 ms
 * may repeat it twice in this time.
 */
const NEXT_PIECE_MS = 300;
/** Any piece that repairs a damaged response has arrived by then. */
const REPAIR_MS = 50;
/** Stray notifications shorten the wait to no less than this. */
const SHORTEST_WAIT_MS = 60;
/** Bounds the wait for a response when a device notifies without end; a response of 255 bytes may come byte by byte. */
const MAX_NOTIFICATIONS = 512;

const SILENT = "connected, but the device answers no request; if this lasts, power-cycle its Bluetooth module";

/** `write` sends the bytes of a request; `notifications` are those of the characteristic that responds. */
export function openRequestChannel(
  write: (bytes: Uint8Array) => Promise<void>,
  notifications: Notifications,
  rules: ChannelRules = {},
): RequestChannel {
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
      else if (longestBeginning(request, assembler)) waitMs = NEXT_PIECE_MS;
      else waitMs = Math.max(SHORTEST_WAIT_MS, waitMs / 2);
    }
    // Pieces of a damaged response may still arrive. Those of an incomplete one are lost, and the next response's must
    // not be joined to it.
    if (worst.kind === "damaged") return worst;
    worst = moreSpecific(worst, truncation(request.framing, longestBeginning(request, assembler)));
    assembler.reset();
    return worst;
  }

  return {
    async send(request, attempts) {
      // A notification from before a request does not answer it.
      await drain(notifications, MAX_NOTIFICATIONS);
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

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
