import {
  ATTRIBUTE_NOT_FOUND,
  AttError,
  INSUFFICIENT_AUTHENTICATION,
  LinkEnded,
  type PeripheralLink,
  REQUEST_NOT_SUPPORTED,
} from "../../../../simulator/peripheral.ts";
import { uuidBytes } from "./advertising-data.ts";
import { type Attribute, groupEnd, PRIMARY_SERVICE, uuidFromBytes } from "./gatt-table.ts";
import { u16 } from "./hci-packets.ts";

/** ATT opcodes and errors (Bluetooth Core Specification 5.0, volume 3, part F, 3.4). */
const OP = {
  error: 0x01,
  exchangeMtu: 0x02,
  findInformation: 0x04,
  findByTypeValue: 0x06,
  readByType: 0x08,
  read: 0x0a,
  readBlob: 0x0c,
  readByGroupType: 0x10,
  write: 0x12,
  notification: 0x1b,
  writeCommand: 0x52,
} as const;
const ERROR = {
  invalidHandle: 0x01,
  readNotPermitted: 0x02,
  writeNotPermitted: 0x03,
  invalidPdu: 0x04,
  invalidOffset: 0x07,
} as const;
const COMMAND_FLAG = 0x40;
const SMALLEST_MTU = 23;

export interface AttServerOptions {
  readonly table: readonly Attribute[];
  readonly link: PeripheralLink;
  /** The largest MTU of the device. */
  readonly mtu: number;
  /** True if the device demands an encrypted link, and this one is not. */
  mustPair(): boolean;
  respond(pdu: Buffer): void;
  notify(pdu: Buffer): void;
  subscribed(): void;
}

export interface AttServer {
  /** Handles one PDU of the host. Resolves when it is answered. */
  receive(pdu: Buffer): Promise<void>;
  notify(characteristic: string, piece: Uint8Array): void;
}

/** The server of the Attribute Protocol: a device's attribute table over its link. */
export function attServer({ table, link, mtu, mustPair, respond, notify, subscribed }: AttServerOptions): AttServer {
  let agreedMtu = SMALLEST_MTU;
  /** Characteristic → value of its client configuration. */
  const configurations = new Map<string, readonly number[]>();
  let lastRead: { handle: number; value: Uint8Array } | undefined;

  const attribute = (handle: number): Attribute => {
    const found = table[handle - 1];
    if (!found) throw new AttError(ERROR.invalidHandle);
    return found;
  };
  const demandPairing = () => {
    if (mustPair()) throw new AttError(INSUFFICIENT_AUTHENTICATION);
  };
  /** Rows of one length within the handles of a request, as many as the answer has room for. */
  const collect = (pdu: Buffer, headBytes: number, row: (at: Attribute, handle: number) => number[] | undefined) => {
    const [from, to] = [pdu.readUInt16LE(1), Math.min(pdu.readUInt16LE(3), table.length)];
    const rows: number[][] = [];
    for (let handle = Math.max(1, from); handle <= to; handle++) {
      const bytes = row(attribute(handle), handle);
      if (!bytes) continue;
      const first = rows[0] ?? bytes;
      if (bytes.length !== first.length || headBytes + (rows.length + 1) * bytes.length > agreedMtu) break;
      rows.push(bytes);
    }
    if (!rows[0]) throw new AttError(ATTRIBUTE_NOT_FOUND);
    return { rows, length: rows[0].length };
  };
  /** The value of an attribute that is not the device's. */
  const ownValue = (at: Attribute): readonly number[] | undefined => {
    if (at.kind === "fixed") return at.value;
    return at.kind === "configuration" ? (configurations.get(at.characteristic) ?? [0, 0]) : undefined;
  };
  const readValue = async (handle: number): Promise<Uint8Array> => {
    const found = attribute(handle);
    if (found.kind !== "value") return Uint8Array.from(ownValue(found) ?? []);
    if (!found.properties.includes("read")) throw new AttError(ERROR.readNotPermitted);
    demandPairing();
    return await link.read(found.uuid);
  };
  const write = (pdu: Buffer) => {
    const found = attribute(pdu.readUInt16LE(1));
    const value = pdu.subarray(3);
    if (found.kind === "fixed") throw new AttError(ERROR.writeNotPermitted);
    demandPairing();
    if (found.kind === "value") return link.write(found.uuid, value);
    const on = (value[0] ?? 0) !== 0;
    link.subscribe(found.characteristic, on);
    configurations.set(found.characteristic, [on ? 1 : 0, 0]);
    if (on) subscribed();
  };

  /** Request → the parameters of its response, whose opcode is one higher. */
  const answers: Readonly<Record<number, (pdu: Buffer) => readonly number[] | Promise<readonly number[]>>> = {
    [OP.exchangeMtu]: (pdu) => {
      agreedMtu = Math.max(SMALLEST_MTU, Math.min(pdu.readUInt16LE(1), mtu));
      return u16(mtu);
    },
    [OP.findInformation]: (pdu) => {
      const { rows, length } = collect(pdu, 2, (at, handle) => [...u16(handle), ...uuidBytes(at.uuid)]);
      return [length === 4 ? 1 : 2, ...rows.flat()];
    },
    [OP.findByTypeValue]: (pdu) => {
      const type = uuidFromBytes(pdu.subarray(5, 7));
      return collect(pdu, 1, (at, handle) =>
        at.kind === "fixed" && at.uuid === type && pdu.subarray(7).equals(Uint8Array.from(at.value))
          ? [...u16(handle), ...u16(groupEnd(table, handle))]
          : undefined,
      ).rows.flat();
    },
    [OP.readByType]: (pdu) => {
      const type = uuidFromBytes(pdu.subarray(5));
      const { rows, length } = collect(pdu, 2, (at, handle) => {
        const value = at.uuid === type ? ownValue(at) : undefined;
        return value && [...u16(handle), ...value];
      });
      return [length, ...rows.flat()];
    },
    [OP.readByGroupType]: (pdu) => {
      const type = uuidFromBytes(pdu.subarray(5));
      if (type !== PRIMARY_SERVICE) throw new AttError(ATTRIBUTE_NOT_FOUND);
      const { rows, length } = collect(pdu, 2, (at, handle) =>
        at.kind === "fixed" && at.uuid === type
          ? [...u16(handle), ...u16(groupEnd(table, handle)), ...at.value]
          : undefined,
      );
      return [length, ...rows.flat()];
    },
    [OP.read]: async (pdu) => {
      const handle = pdu.readUInt16LE(1);
      lastRead = { handle, value: await readValue(handle) };
      return [...lastRead.value.subarray(0, agreedMtu - 1)];
    },
    [OP.readBlob]: async (pdu) => {
      const [handle, offset] = [pdu.readUInt16LE(1), pdu.readUInt16LE(3)];
      // All pieces of a long value come from one reading.
      if (lastRead?.handle !== handle) lastRead = { handle, value: await readValue(handle) };
      if (offset > lastRead.value.length) throw new AttError(ERROR.invalidOffset);
      return [...lastRead.value.subarray(offset, offset + agreedMtu - 1)];
    },
    [OP.write]: (pdu) => {
      write(pdu);
      return [];
    },
  };

  async function answer(opcode: number, pdu: Buffer): Promise<readonly number[]> {
    const parameters = answers[opcode];
    if (!parameters) throw new AttError(REQUEST_NOT_SUPPORTED);
    try {
      return await parameters(pdu);
    } catch (error) {
      // The request is too short.
      throw error instanceof RangeError ? new AttError(ERROR.invalidPdu) : error;
    }
  }

  return {
    async receive(pdu) {
      const opcode = pdu[0] ?? 0;
      const isRequest = (opcode & COMMAND_FLAG) === 0 && opcode % 2 === 0 && opcode < OP.notification;
      if (!isRequest && opcode !== OP.writeCommand) return;
      try {
        if (isRequest) respond(Buffer.from([opcode + 1, ...(await answer(opcode, pdu))]));
        else write(pdu);
      } catch (error) {
        if (error instanceof LinkEnded) return;
        if (!(error instanceof AttError)) throw error;
        const handle = pdu.length >= 3 && opcode !== OP.exchangeMtu ? pdu.readUInt16LE(1) : 0;
        if (isRequest) respond(Buffer.from([OP.error, opcode, ...u16(handle), error.code]));
      }
    },
    notify(characteristic, piece) {
      const isNotified = (at: Attribute) =>
        at.kind === "value" && at.uuid === characteristic && at.properties.includes("notify");
      const handle = table.findIndex(isNotified) + 1;
      if (handle > 0) notify(Buffer.from([OP.notification, ...u16(handle), ...piece.subarray(0, agreedMtu - 3)]));
    },
  };
}
