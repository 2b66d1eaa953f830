import type { Sample } from "../../common/model/reading.ts";
import { FrameError } from "../codec/frame-error.ts";
import { type Notifications, RadioError } from "../radio/radio.ts";
import { type ChannelRules, openRequestChannel, type Request } from "./request-response.ts";

/** One frame of a device as it was published, outside of any session. */
export interface RecordedFrame {
  /** Name of its layout or register; empty where it was published without one. */
  readonly layout: string;
  /** The request that it answers; absent where it was published without one, or where none is needed. */
  readonly request?: Uint8Array;
  /** Its notifications, or the value that was read or advertised, without the company identifier. */
  readonly notifications: readonly Uint8Array[];
  /** The device's secret, where there is one. */
  readonly pin?: string;
}

/** Decodes a recorded frame as a session would. Empty where the frame holds no quantities. @throws {FrameError} */
export type DecodeFrame = (frame: RecordedFrame) => Sample | Promise<Sample>;

/** The requests of a driver, as recorded frames name them. */
export interface KnownRequests {
  /** The request with these bytes; undefined where the driver never sends it. */
  byBytes(request: Uint8Array): Request<Sample> | undefined;
  /** For frames that were published without their request. */
  readonly byLayout?: Readonly<Record<string, Request<Sample>>>;
  readonly rules?: ChannelRules;
}

/**
 * Decodes responses by the request that was sent, whatever their layout is called. Frames that answer none of these
 * requests hold no quantities.
 */
export function frameDecoder({ byBytes, byLayout = {}, rules }: KnownRequests): DecodeFrame {
  return async ({ layout, request, notifications }) => {
    const known = request ? byBytes(request) : Object.hasOwn(byLayout, layout) ? byLayout[layout] : undefined;
    return known ? readRecorded(known, notifications, rules) : {};
  };
}

/** Reads the response to a request out of recorded notifications, through the channel of sessions. @throws {FrameError} */
export async function readRecorded<T>(
  request: Request<T>,
  recorded: readonly Uint8Array[],
  rules?: ChannelRules,
): Promise<T> {
  let left: readonly Uint8Array[] = [];
  const notifications: Notifications = {
    async next() {
      const [first, ...others] = left;
      left = others;
      return first;
    },
    clear() {},
  };
  const channel = openRequestChannel(
    async () => {
      left = recorded;
    },
    notifications,
    rules,
  );
  try {
    return await channel.send(request, 1);
  } catch (cause) {
    if (!(cause instanceof RadioError)) throw cause;
    throw new FrameError("malformed", cause.message, { cause });
  }
}

/** A request whose response is read further, as a session does after it. */
export function further<T>(request: Request<T>, read: (response: T) => Sample): Request<Sample> {
  return { ...request, read: (frame) => read(request.read(frame)) };
}

/** For responses that hold no quantities. */
export const noQuantities = (): Sample => ({});
