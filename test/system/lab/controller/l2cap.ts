import type { ConnectionParameters } from "../../../../simulator/peripheral.ts";
import { type AclData, u16 } from "./hci-packets.ts";

/**
 * L2CAP on an LE link: `length:2 channel:2 payload`, cut into ACL packets. Source: Bluetooth Core Specification 5.0,
 * volume 3, part A.
 */
export const CHANNEL = { att: 0x0004, signalling: 0x0005, security: 0x0006 } as const;

export interface Frame {
  readonly channel: number;
  readonly payload: Buffer;
}

/** Reassembles the frames of one link from its ACL packets. */
export function frameAssembler(): (acl: AclData) => Frame | undefined {
  let pending = Buffer.alloc(0);
  return ({ first, data }) => {
    pending = first ? Buffer.from(data) : Buffer.concat([pending, data]);
    if (pending.length < 4 || pending.length < 4 + pending.readUInt16LE(0)) return undefined;
    const frame = { channel: pending.readUInt16LE(2), payload: pending.subarray(4, 4 + pending.readUInt16LE(0)) };
    pending = Buffer.alloc(0);
    return frame;
  };
}

/** The ACL packets of one frame, none with more than `size` bytes of data. */
export function frameToAcl(handle: number, { channel, payload }: Frame, size: number): AclData[] {
  const bytes = Buffer.concat([Buffer.from([...u16(payload.length), ...u16(channel)]), payload]);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => ({
    handle,
    first: index === 0,
    data: bytes.subarray(index * size, (index + 1) * size),
  }));
}

const SIGNAL = { commandReject: 0x01, parameterUpdateRequest: 0x12, parameterUpdateResponse: 0x13 } as const;
const INTERVAL_UNIT_MS = 1.25;
const TIMEOUT_UNIT_MS = 10;

/** A peripheral's request for other connection parameters (4.20). */
export function parameterUpdateRequest(identifier: number, preferredParameters: ConnectionParameters): Frame {
  const values = [
    preferredParameters.minIntervalMs / INTERVAL_UNIT_MS,
    preferredParameters.maxIntervalMs / INTERVAL_UNIT_MS,
    preferredParameters.latency,
    preferredParameters.supervisionTimeoutMs / TIMEOUT_UNIT_MS,
  ].flatMap(u16);
  const payload = Buffer.from([SIGNAL.parameterUpdateRequest, identifier, ...u16(values.length), ...values]);
  return { channel: CHANNEL.signalling, payload };
}

/** The answer to a signal, if it needs one: every request is rejected. */
export function answerSignal(payload: Buffer): Frame | undefined {
  const [code = 0, identifier = 0] = payload;
  if (code === SIGNAL.parameterUpdateResponse || code === SIGNAL.commandReject) return undefined;
  const notUnderstood = u16(0);
  return {
    channel: CHANNEL.signalling,
    payload: Buffer.from([SIGNAL.commandReject, identifier, ...u16(2), ...notUnderstood]),
  };
}
