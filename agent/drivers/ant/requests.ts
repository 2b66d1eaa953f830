import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import type { Description } from "../device-session.ts";
import type { Request } from "../request-response.ts";
import {
  antFraming,
  dataOf,
  encodePassword,
  isAnswer,
  legacyFraming,
  READ_INFORMATION,
  READ_LEGACY,
  READ_STATUS,
} from "./frame.ts";
import { legacySample, statusSample } from "./sample.ts";
import { decodeLegacyRecord, decodeStatus } from "./status.ts";

export const STATUS: Request<Sample> = {
  bytes: READ_STATUS,
  framing: antFraming,
  matches: isAnswer("status"),
  read: (frame) => statusSample(decodeStatus(frame)),
};

export const LEGACY: Request<Sample> = {
  bytes: READ_LEGACY,
  framing: legacyFraming,
  matches: () => true,
  read: (frame) => legacySample(decodeLegacyRecord(frame)),
};

/** Hardware and software, 16 characters each. */
const HARDWARE_SIZE = 16;

export const INFORMATION: Request<Description> = {
  bytes: READ_INFORMATION,
  framing: antFraming,
  matches: isAnswer("information"),
  read(frame) {
    const data = dataOf(frame);
    const [hardware, software] = [textOf(data.subarray(0, HARDWARE_SIZE)), textOf(data.subarray(HARDWARE_SIZE))];
    return { ...(hardware && { hardware }), ...(software && { software }) };
  },
};

/** Opens a board that has a password. @throws {FrameError} `locked` where no board can have this password */
export function passwordRequest(password: string): Request<true> {
  if (!/^[ -~]{8}$/.test(password)) {
    throw new FrameError("locked", "the password of an ANT board has eight characters: correct --pin or --pin-file");
  }
  return { bytes: encodePassword(password), framing: antFraming, matches: isAnswer("password"), read: () => true };
}

/** Printable ASCII up to the first other byte; empty where there is none. */
function textOf(bytes: Uint8Array): string {
  return (/^[ -~]*/.exec(String.fromCharCode(...bytes))?.[0] ?? "").trim();
}
