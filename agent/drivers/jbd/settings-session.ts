import type { Framing } from "../../codec/assembler.ts";
import type { SettingsSession } from "../device-session.ts";
import type { Request, RequestChannel } from "../request-response.ts";
import { decodeReply, encodeReadRequest, encodeWriteRequest, hexByte, jbdFraming, refusal } from "./frame.ts";

/** The first requests after a link was made, or after the board slept, may be lost. */
const ENTER_ATTEMPTS = 5;
const ATTEMPTS = 4;

/** Factory mode (vendor protocol V4, V11): the code that enters it, and those that leave it. */
const ENTER = { register: 0x00, data: Uint8Array.of(0x56, 0x78) };
const LEAVE = 0x01;
const LEAVE_DATA = { discard: Uint8Array.of(0x00, 0x00), commit: Uint8Array.of(0x28, 0x28) };

/** Bits of the second byte switch off: the opposite of the MOSFET byte of register 0x03. */
const MOSFETS = { register: 0xe1, chargeOff: 0x01, dischargeOff: 0x02 };

/** The registers that hold parameters. Everything beyond is a command, a calibration or a password. */
const FIRST_PARAMETER = 0x10;
const LAST_PARAMETER = 0x47;

/** The parameters of a pack, over the channel of its session. */
export function openSettingsSession(channel: RequestChannel): SettingsSession {
  const send = (register: number, data: Uint8Array, attempts: number) =>
    channel.send(writeRequest(register, data), attempts);
  return {
    enter: () => send(ENTER.register, ENTER.data, ENTER_ATTEMPTS),
    leave: ({ commit }) => send(LEAVE, commit ? LEAVE_DATA.commit : LEAVE_DATA.discard, ATTEMPTS),
    read: (register, attempts = ATTEMPTS) => channel.send(readRequest(register), attempts),
    async write(register, data) {
      if (register < FIRST_PARAMETER || register > LAST_PARAMETER || data.length !== 2) {
        throw new RangeError(`register ${hexByte(register)} is not a parameter of two bytes`);
      }
      await send(register, data, 1);
    },
    switchMosfets: ({ charge, discharge }) =>
      send(
        MOSFETS.register,
        Uint8Array.of(0, (charge ? 0 : MOSFETS.chargeOff) | (discharge ? 0 : MOSFETS.dischargeOff)),
        ATTEMPTS,
      ),
  };
}

/**
 * The answers to a reading and to a writing of one register differ in their length alone, which is 0 for an
 * acknowledgement. A refusal has no data either.
 */
const isAnswer = (register: number, fits: (length: number) => boolean) => {
  return ([, answered, status, length]: Uint8Array) =>
    (answered ?? register) === register && (status !== 0 || length === undefined || fits(length));
};

function readRequest(register: number): Request<Uint8Array> {
  return {
    bytes: encodeReadRequest(register),
    framing: jbdFraming,
    matches: isAnswer(register, (length) => length > 0),
    read: accepted,
  };
}

/** Some boards acknowledge with a wrong checksum, over two bytes that are zero. What it acknowledges is read back anyway. */
const acknowledgement: Framing = {
  ...jbdFraming,
  fault(bytes) {
    const [, , status, length] = bytes;
    const fault = jbdFraming.fault(bytes);
    return fault === "checksum" && status === 0 && length === 0 ? undefined : fault;
  },
};

function writeRequest(register: number, data: Uint8Array): Request<void> {
  return {
    bytes: encodeWriteRequest(register, data),
    framing: acknowledgement,
    matches: isAnswer(register, (length) => length === 0),
    read: (frame) => void accepted(frame),
  };
}

/** @throws {FrameError} `refused` */
function accepted(frame: Uint8Array): Uint8Array {
  const reply = decodeReply(frame);
  if (reply.status !== 0) throw refusal(reply);
  return reply.payload;
}
