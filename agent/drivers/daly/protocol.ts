import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import type { Description } from "../device-session.ts";
import { isSilence, optional, type Request, type RequestChannel } from "../request-response.ts";

/** One of Daly's protocols on one link. */
export interface DalyProtocol {
  /** `attempts` of the first request, which a device of another protocol does not answer. @throws {FrameError} {RadioError} */
  poll(attempts: number): Promise<Sample>;
  /** Called after a poll. @throws {RadioError} */
  describe(): Promise<Description>;
}

export const ATTEMPTS = 4;
export const FEW_ATTEMPTS = 2;

/** Sends requests that some boards do not answer: after one of these was not, it costs one attempt per call until it is. */
export function openOptional(channel: RequestChannel) {
  const unanswered = new Set<string>();
  return async <T>(name: string, request: Request<T>): Promise<T | undefined> => {
    const answer = await optional(channel.send(request, unanswered.has(name) ? 1 : FEW_ATTEMPTS));
    if (answer === undefined) unanswered.add(name);
    else unanswered.delete(name);
    return answer;
  };
}

/**
 * The result of the first call that is answered.
 * @throws {FrameError} the first, when none is answered well; {RadioError} `timeout` when there was no answer at all
 */
export async function firstAnswered<T>(calls: readonly (() => Promise<T>)[]): Promise<T> {
  let damage: FrameError | undefined;
  let silence: unknown;
  for (const call of calls) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof FrameError) damage ??= error;
      else if (isSilence(error)) silence = error;
      else throw error;
    }
  }
  throw damage ?? silence;
}
