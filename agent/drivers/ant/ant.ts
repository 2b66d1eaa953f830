import type { Sample } from "../../../common/model/reading.ts";
import { FrameError } from "../../codec/frame-error.ts";
import type { DeviceSession } from "../device-session.ts";
import type { Driver, Pattern } from "../driver.ts";
import { frameDecoder } from "../recorded-frame.ts";
import { isSilence, openRequestChannel, optional, type Request, type RequestChannel } from "../request-response.ts";
import { isPassword } from "./frame.ts";
import { redactor } from "./redact.ts";
import { INFORMATION, LEGACY, passwordRequest, STATUS } from "./requests.ts";

const SERVICE = "ffe0";
const SERIAL = { service: SERVICE, characteristic: "ffe1" };

/**
 * JK, LiTime, SOK and toys have the service as well, and JK the beginning 88A0 of the manufacturer data, whose company changes
 * with each module. Two digits follow the name, which may end with a carriage return. Source: advertisements in
 * patman15/aiobmsble (test_data/ant_bms.json, ant_leg_bms.json).
 */
const PATTERNS: readonly Pattern[] = [
  {
    confidence: "certain",
    services: [SERVICE],
    names: ["0", "1", "2", "3"].flatMap((digit) => [`ANT-BLE${digit}?*`, `ANT@BLE${digit}?*`]),
  },
  { confidence: "possible", services: [SERVICE] },
];

const ATTEMPTS = 4;
const FEW_ATTEMPTS = 2;

/**
 * ANT boards (ANT-BLE..): newer ones answer requests in frames, older ones one request with a record of 140 bytes. The names do
 * not tell which, so both are tried, the newer first. Only reading requests are sent, and the password if one is given.
 * Facts and their sources: docs/devices/ant.md.
 */
export const ant = {
  name: "ant",
  about: "ANT boards, newer and older",
  identify: PATTERNS,
  redactor,
  beginsUnlocking: isPassword,
  decodeFrame: frameDecoder({
    byBytes: (bytes) => REQUESTS.find((request) => Buffer.compare(request.bytes, bytes) === 0),
    byLayout: { status: STATUS, legacy: LEGACY, info: withoutQuantities(INFORMATION) },
  }),
  async open(link, { pin }) {
    const notifications = await link.subscribe(SERIAL);
    const channel = openRequestChannel((bytes) => link.write(SERIAL, bytes, "command"), notifications);
    // Boards without a password and older ones do not answer it.
    if (pin !== undefined) await optional(channel.send(passwordRequest(pin), FEW_ATTEMPTS));
    return openSession(channel);
  },
} satisfies Driver;

const SERIAL_FORM = { ...LEGACY, bytes: Uint8Array.of(0x5a, 0x5a, 0, 0, 1, 1) };
const REQUESTS: readonly Request<Sample>[] = [STATUS, LEGACY, SERIAL_FORM, withoutQuantities(INFORMATION)];

function withoutQuantities(request: Request<unknown>): Request<Sample> {
  return {
    ...request,
    read(frame) {
      request.read(frame);
      return {};
    },
  };
}

function openSession(channel: RequestChannel): DeviceSession {
  let answered: Request<Sample> | undefined;
  let cells: number | undefined;

  async function ask(request: Request<Sample>): Promise<Sample> {
    const sample = await channel.send(request, ATTEMPTS);
    answered = request;
    return sample;
  }

  /** Some boards answer both; where neither is answered, the failure of the newer one counts. */
  async function askBoth(): Promise<Sample> {
    try {
      return await ask(STATUS);
    } catch (error) {
      if (!(error instanceof FrameError) && !isSilence(error)) throw error;
      const sample = await optional(ask(LEGACY));
      if (sample) return sample;
      throw error;
    }
  }

  return {
    async poll() {
      const sample = answered ? await ask(answered) : await askBoth();
      cells = sample.cells;
      return sample;
    },
    async describe() {
      const information = answered === LEGACY ? undefined : await optional(channel.send(INFORMATION, FEW_ATTEMPTS));
      return { ...information, ...(cells !== undefined && { cells }) };
    },
  };
}
