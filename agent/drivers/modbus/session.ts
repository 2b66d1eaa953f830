import type { MutableSample, Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import type { Description, DeviceSession } from "../device-session.ts";
import { registerRequest } from "../modbus-request.ts";
import { isSilence, optional, type RequestChannel } from "../request-response.ts";
import type { Brand, Span } from "./brand.ts";
import { decodeRegisters } from "./decode.ts";

const ATTEMPTS = 4;
/** For each of several units that a battery may answer as, and for facts that only people ask for. */
const FEW_ATTEMPTS = 2;

/** The session of one link, which `lost` ends. */
export function openSession(brand: Brand, channel: RequestChannel, lost: AbortSignal): DeviceSession {
  const [needed, ...further] = brand.polled;
  /** The unit that the battery answers as, once it has. */
  let unit: number | undefined;
  let cells: number | undefined;
  let reportsMosfets = !brand.fetMayBeMissing;
  const unanswered = new Set<Span>();

  function send<T>(span: Span, asked: number, attempts: number, read: (data: Uint8Array) => T): Promise<T> {
    return channel.send(registerRequest({ ...span, unit: asked }, read), attempts);
  }
  const readSpan = (span: Span, asked: number, attempts: number) =>
    send(span, asked, attempts, (data) => decodeRegisters(brand, span.start, data));

  /** Asks each unit that the battery may answer as. @throws {FrameError} {RadioError} the most telling failure */
  async function readNeeded(): Promise<{ readonly answering: number; readonly sample: Sample }> {
    const candidates = unit === undefined ? brand.units : [unit];
    const attempts = candidates.length > 1 ? FEW_ATTEMPTS : ATTEMPTS;
    let failure: unknown;
    for (const answering of candidates) {
      try {
        return { answering, sample: await readSpan(needed, answering, attempts) };
      } catch (error) {
        if (isFinal(error)) throw explained(brand, error);
        if (failure === undefined || isSilence(failure)) failure = error;
      }
    }
    throw failure;
  }

  /** Empty where the battery does not answer; it then costs one request per poll until it does. */
  async function readFurther(span: Span, answering: number): Promise<Sample> {
    try {
      const sample = await optional(readSpan(span, answering, unanswered.has(span) ? 1 : ATTEMPTS));
      if (sample) unanswered.delete(span);
      else unanswered.add(span);
      return sample ?? {};
    } catch (error) {
      // What was read before stays true.
      if (lost.aborted) return {};
      throw error;
    }
  }

  async function poll(): Promise<Sample> {
    const { answering, sample: first } = await readNeeded();
    unit = answering;
    const sample: MutableSample = { ...first };
    for (const span of further) Object.assign(sample, await readFurther(span, answering));
    reportsMosfets ||= (sample.fet ?? 0) !== 0;
    if (!reportsMosfets) delete sample.fet;
    cells = sample.cells ?? cells;
    return sample;
  }

  async function describe(): Promise<Description> {
    if (unit === undefined) await optional(poll());
    const { information } = brand;
    const described =
      information && unit !== undefined
        ? await optional(send(information, unit, FEW_ATTEMPTS, information.describe))
        : undefined;
    return { ...described, ...(cells !== undefined && { cells }) };
  }

  return { poll, describe };
}

/** True of a failure that no other unit can change. */
function isFinal(error: unknown): boolean {
  return error instanceof FrameError ? error.fault === "refused" : !isSilence(error);
}

function explained({ refusal }: Brand, error: unknown): unknown {
  if (!(error instanceof FrameError) || refusal === undefined) return error;
  return new FrameError(error.fault, `${error.message}; ${refusal}`, { cause: error });
}
