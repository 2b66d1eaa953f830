/**
 * HCI packets between host and controller, each after one byte with its kind ("H4"). Little endian.
 *
 *     command    01 opcode:2 length:1 parameters
 *     ACL data   02 handle and flags:2 length:2 data
 *     event      04 code:1 length:1 parameters
 *     vhci       ff opcode:1 index:2, the kernel's answer when /dev/vhci has made an adapter
 *
 * Source: Bluetooth Core Specification 5.0, volume 2, part E (HCI) and volume 4, part A (UART transport).
 */
export const PACKET_KIND = { command: 0x01, acl: 0x02, event: 0x04, vendor: 0xff } as const;

/** Kind → size of its header, with the byte of the kind, and the length of the rest. */
const HEADERS = new Map<number, { readonly size: number; readonly length: (header: Buffer) => number }>([
  [PACKET_KIND.command, { size: 4, length: (header) => header.readUInt8(3) }],
  [PACKET_KIND.acl, { size: 5, length: (header) => header.readUInt16LE(3) }],
  [PACKET_KIND.vendor, { size: 4, length: () => 0 }],
]);

/**
 * Splits a stream of the host into packets. `rest` is the beginning of an incomplete one.
 * @throws {RangeError} at a kind that no LE host sends
 */
export function splitPackets(bytes: Buffer): { packets: Buffer[]; rest: Buffer } {
  const packets: Buffer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const kind = rest.readUInt8(0);
    const header = HEADERS.get(kind);
    if (!header) throw new RangeError(`no packet from a host begins with 0x${kind.toString(16)}`);
    if (rest.length < header.size) break;
    const size = header.size + header.length(rest);
    if (rest.length < size) break;
    packets.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return { packets, rest };
}

export interface Command {
  readonly opcode: number;
  readonly parameters: Buffer;
}

export function decodeCommand(packet: Buffer): Command {
  return { opcode: packet.readUInt16LE(1), parameters: packet.subarray(4) };
}

export interface AclData {
  readonly handle: number;
  /** True if it begins an L2CAP frame; otherwise it continues one. */
  readonly first: boolean;
  readonly data: Buffer;
}

const CONTINUING = 0b01;
/** A first packet that may be flushed: the only kind from a controller. */
const FIRST_FROM_CONTROLLER = 0b10;

export function decodeAcl(packet: Buffer): AclData {
  const head = packet.readUInt16LE(1);
  return { handle: head & 0x0fff, first: ((head >> 12) & 0b11) !== CONTINUING, data: packet.subarray(5) };
}

export function encodeAcl({ handle, first, data }: AclData): Buffer {
  const head = handle | ((first ? FIRST_FROM_CONTROLLER : CONTINUING) << 12);
  return Buffer.concat([Buffer.from([PACKET_KIND.acl, ...u16(head), ...u16(data.length)]), data]);
}

export function encodeEvent(code: number, parameters: readonly number[]): Buffer {
  return Buffer.from([PACKET_KIND.event, code, parameters.length, ...parameters]);
}

/** Commands that the controller accepts before it answers the first. */
const COMMAND_CREDITS = 1;

export function commandComplete(opcode: number, returned: readonly number[]): Buffer {
  return encodeEvent(0x0e, [COMMAND_CREDITS, ...u16(opcode), ...returned]);
}

export function commandStatus(opcode: number, status: number): Buffer {
  return encodeEvent(0x0f, [status, COMMAND_CREDITS, ...u16(opcode)]);
}

export function leEvent(subevent: number, parameters: readonly number[]): Buffer {
  return encodeEvent(0x3e, [subevent, ...parameters]);
}

/** Two bytes, least significant first. */
export function u16(value: number): [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}
