import { randomBytes } from "node:crypto";
import type { Address } from "../../../../common/model/address.ts";
import type { Clock } from "../../../../common/runtime/clock.ts";
import type { Peripheral } from "../../../../simulator/peripheral.ts";
import { type CommandName, commandName, constantReturn, STATUS, supportedCommands } from "./commands.ts";
import {
  commandComplete,
  commandStatus,
  decodeAcl,
  decodeCommand,
  encodeEvent,
  leEvent,
  PACKET_KIND,
  u16,
} from "./hci-packets.ts";
import { openLinks } from "./links.ts";
import { createScanner, type HciAddress, hciAddress, type Scan } from "./scanner.ts";

export interface ControllerOptions {
  readonly address: Address;
  readonly peripherals: readonly Peripheral[];
  readonly passkeys: ReadonlyMap<Address, number>;
  readonly clock: Clock;
  /** From 0 to 1, as Math.random. */
  readonly random: () => number;
  /** One packet to the host. */
  send(packet: Buffer): void;
  log(line: string): void;
}

export interface Controller {
  /** One packet of the host. */
  receive(packet: Buffer): void;
  /** Ends every link and every scan, as when the host is gone. */
  reset(): void;
}

const ADVERTISE_EVERY_MS = 150;
const LATENCY_MS = 15;
/** One notification at the smallest MTU fills one packet. */
const ACL_BYTES = 27;
const ACL_PACKETS = 4;
const ACCEPT_LIST_SIZE = 8;
/** Bluetooth 5.0, no company that the kernel has workarounds for. */
const VERSION = [0x09, ...u16(0), 0x09, ...u16(0xffff), ...u16(0)];
const LE_ONLY = [0, 0, 0, 0, 0x60, 0, 0, 0];
const ENCRYPTION = [0x01, 0, 0, 0, 0, 0, 0, 0];
const ALL_LE_STATES = [0xff, 0xff, 0xff, 0xff, 0xff, 0x03, 0, 0];
const PEER_VERSION = [0x09, ...u16(0xffff), ...u16(0)];
const LOCAL_NAME_BYTES = 248;
const RSSI_UNKNOWN = 127;

/** An LE controller between a host that uses HCI and simulated peripherals. */
export function createController(options: ControllerOptions): Controller {
  const { clock, send, log } = options;
  const scanner = createScanner({
    ...options,
    advertiseEveryMs: ADVERTISE_EVERY_MS,
    found: (peripheral) => links.open(peripheral),
  });
  const own = hciAddress(options.address, "public");
  const links = openLinks({ ...options, latencyMs: LATENCY_MS, aclBytes: ACL_BYTES, host: own });
  let scanParameters: Omit<Scan, "filterDuplicates"> = { active: false, onlyAccepted: false };

  const reset = () => {
    links.forgetAll();
    scanner.scan(undefined);
    scanner.initiate(undefined);
    scanner.clearAccepted();
  };
  const after = (ms: number, act: () => void) => {
    void clock.sleep(ms).then(act);
  };
  const addressIn = (parameters: Buffer): HciAddress => ({
    type: parameters.readUInt8(0),
    bytes: Uint8Array.from(parameters.subarray(1, 7)),
  });

  /** Command → its return parameters after the status, or a status where it failed. Answered by Command Complete. */
  const completing: Partial<Record<CommandName, (parameters: Buffer) => readonly number[] | number>> = {
    reset: () => {
      reset();
      return [];
    },
    readLocalName: () => new Array<number>(LOCAL_NAME_BYTES).fill(0),
    readLocalVersion: () => VERSION,
    readSupportedCommands: supportedCommands,
    readLocalFeatures: () => LE_ONLY,
    readBufferSize: () => [...u16(0), 0, ...u16(0), ...u16(0)],
    readAddress: () => [...own.bytes],
    readRssi: (parameters) => {
      const handle = parameters.readUInt16LE(0);
      const rssi = links.get(handle)?.peripheral.advertisement()?.rssi ?? RSSI_UNKNOWN;
      return [...u16(handle), rssi & 0xff];
    },
    leReadBufferSize: () => [...u16(ACL_BYTES), ACL_PACKETS],
    leReadLocalFeatures: () => ENCRYPTION,
    leSetScanParameters: (parameters) => {
      if (scanner.isScanning) return STATUS.commandDisallowed;
      scanParameters = { active: parameters[0] === 1, onlyAccepted: ((parameters[6] ?? 0) & 1) === 1 };
      return [];
    },
    leSetScanEnable: (parameters) => {
      const [on, filterDuplicates] = [parameters[0] === 1, parameters[1] === 1];
      if (on && scanner.isScanning) return STATUS.commandDisallowed;
      scanner.scan(on ? { ...scanParameters, filterDuplicates } : undefined);
      return [];
    },
    leReadAcceptListSize: () => [ACCEPT_LIST_SIZE],
    leClearAcceptList: () => {
      scanner.clearAccepted();
      return [];
    },
    leAddToAcceptList: (parameters) => {
      scanner.accept(addressIn(parameters));
      return [];
    },
    leRemoveFromAcceptList: (parameters) => {
      scanner.removeAccepted(addressIn(parameters));
      return [];
    },
    leRandom: () => [...randomBytes(8)],
    leReadSupportedStates: () => ALL_LE_STATES,
  };

  /** Command → its immediate status. Answered by Command Status, and by an event when it is done. */
  const starting: Partial<Record<CommandName, (parameters: Buffer) => number>> = {
    disconnect: (parameters) => {
      const handle = parameters.readUInt16LE(0);
      if (!links.get(handle)) return STATUS.unknownConnection;
      after(LATENCY_MS, () => links.close(handle));
      return STATUS.success;
    },
    readRemoteVersion: (parameters) => {
      after(LATENCY_MS, () => send(encodeEvent(0x0c, [STATUS.success, ...parameters.subarray(0, 2), ...PEER_VERSION])));
      return STATUS.success;
    },
    leCreateConnection: (parameters) => {
      if (scanner.isInitiating) return STATUS.commandDisallowed;
      const byAcceptList = parameters[4] === 1;
      const device = addressIn(parameters.subarray(5));
      if (!byAcceptList && links.isConnected(device)) return STATUS.connectionExists;
      scanner.initiate(byAcceptList ? "accepted" : device);
      return STATUS.success;
    },
    leConnectionUpdate: (parameters) => {
      const handle = parameters.readUInt16LE(0);
      if (!links.get(handle)) return STATUS.unknownConnection;
      const taken = [...parameters.subarray(4, 10)];
      after(LATENCY_MS, () => send(leEvent(0x03, [STATUS.success, ...u16(handle), ...taken])));
      return STATUS.success;
    },
    leReadRemoteFeatures: (parameters) => {
      const handle = [...parameters.subarray(0, 2)];
      after(LATENCY_MS, () => send(leEvent(0x04, [STATUS.success, ...handle, ...ENCRYPTION])));
      return STATUS.success;
    },
    leEnableEncryption: (parameters) => {
      const handle = parameters.readUInt16LE(0);
      const connection = links.get(handle);
      if (!connection) return STATUS.unknownConnection;
      const [random, diversifier, key] = [
        parameters.subarray(2, 10),
        parameters.subarray(10, 12),
        parameters.subarray(12),
      ];
      after(LATENCY_MS, () => {
        const status = connection.encrypt(key, diversifier, random) ? STATUS.success : STATUS.keyMissing;
        send(encodeEvent(0x08, [status, ...u16(handle), status === STATUS.success ? 1 : 0]));
      });
      return STATUS.success;
    },
  };

  const execute = (packet: Buffer) => {
    const { opcode, parameters } = decodeCommand(packet);
    const name = commandName(opcode);
    log(`command ${name ?? `0x${opcode.toString(16)}`} ${parameters.toString("hex")}`);
    if (name === "leCreateConnectionCancel") return cancelConnection(opcode);
    const start = name && starting[name];
    if (start) return send(commandStatus(opcode, start(parameters)));
    const returned = name && (completing[name]?.(parameters) ?? constantReturn(name));
    if (!returned) return send(commandComplete(opcode, [STATUS.unknownCommand]));
    send(commandComplete(opcode, typeof returned === "number" ? [returned] : [STATUS.success, ...returned]));
  };
  const cancelConnection = (opcode: number) => {
    if (!scanner.isInitiating) return send(commandComplete(opcode, [STATUS.commandDisallowed]));
    scanner.initiate(undefined);
    send(commandComplete(opcode, [STATUS.success]));
    // The connection attempt ends with the event that reports its success otherwise.
    send(leEvent(0x01, [STATUS.unknownConnection, ...new Array<number>(17).fill(0)]));
  };

  return {
    receive(packet) {
      if (packet[0] === PACKET_KIND.command) return execute(packet);
      if (packet[0] !== PACKET_KIND.acl) return;
      const acl = decodeAcl(packet);
      const connection = links.get(acl.handle);
      if (!connection) return log(`data for handle ${acl.handle}, which is not a link`);
      send(encodeEvent(0x13, [1, ...u16(acl.handle), ...u16(1)]));
      connection.receive(acl);
    },
    reset,
  };
}
