import type { Address } from "../../../../common/model/address.ts";
import type { Clock } from "../../../../common/runtime/clock.ts";
import { ConnectRefused, NOT_ESTABLISHED, type Peripheral } from "../../../../simulator/peripheral.ts";
import { STATUS } from "./commands.ts";
import { type Connection, openConnection } from "./connection.ts";
import { encodeEvent, leEvent, u16 } from "./hci-packets.ts";
import type { Bond } from "./pairing.ts";
import { type HciAddress, hciAddress, isSameAddress } from "./scanner.ts";

export interface LinksOptions {
  readonly clock: Clock;
  readonly latencyMs: number;
  readonly aclBytes: number;
  readonly host: HciAddress;
  /** Devices that demand an encrypted link → the six digits that they show. */
  readonly passkeys: ReadonlyMap<Address, number>;
  send(packet: Buffer): void;
  log(line: string): void;
}

export interface Links {
  get(handle: number): Connection | undefined;
  /** Connects the host to a peripheral that has just advertised, and reports the result. */
  open(peripheral: Peripheral): void;
  /** The host disconnects. */
  close(handle: number): void;
  isConnected(device: HciAddress): boolean;
  /** Ends all links without an event, as when the host is gone or starts again. */
  forgetAll(): void;
}

const MAX_LINKS = 8;
/** A connection that was announced is given up after six intervals without a packet of the peer. */
const NOT_ESTABLISHED_AFTER_MS = 180;
const FIRST_HANDLE = 0x40;
const LAST_HANDLE = 0x0eff;
const AS_CENTRAL = 0;
/** 30 ms interval, no latency, 2 s supervision timeout: the defaults of Linux. */
const FIRST_PARAMETERS = [...u16(24), ...u16(0), ...u16(200)];
const CLOCK_ACCURACY = 0;

/** The links of one controller, by handle. */
export function openLinks(options: LinksOptions): Links {
  const { clock, send, log } = options;
  const links = new Map<number, Connection>();
  const bonds = new Map<Address, Bond[]>();
  let nextHandle = FIRST_HANDLE;

  const freeHandle = () => {
    do nextHandle = nextHandle >= LAST_HANDLE ? FIRST_HANDLE : nextHandle + 1;
    while (links.has(nextHandle));
    return nextHandle;
  };
  const bondsOf = (address: Address) => {
    const known = bonds.get(address) ?? [];
    bonds.set(address, known);
    return known;
  };
  const announce = (status: number, handle: number, device: HciAddress) =>
    send(
      leEvent(0x01, [
        status,
        ...u16(handle),
        AS_CENTRAL,
        device.type,
        ...device.bytes,
        ...FIRST_PARAMETERS,
        CLOCK_ACCURACY,
      ]),
    );
  const announceEnd = (handle: number, reason: number) => {
    log(`handle ${handle} disconnected with reason 0x${reason.toString(16)}`);
    send(encodeEvent(0x05, [STATUS.success, ...u16(handle), reason]));
  };

  return {
    get: (handle) => links.get(handle),
    open(peripheral) {
      const { address, addressType } = peripheral;
      const device = hciAddress(address, addressType);
      if (links.size >= MAX_LINKS) return announce(STATUS.connectionLimit, 0, device);
      const handle = freeHandle();
      log(`handle ${handle} is ${address}`);
      try {
        const connection = openConnection({
          ...options,
          handle,
          peripheral,
          name: peripheral.advertisement()?.name ?? "",
          device,
          passkey: options.passkeys.get(address),
          bonds: bondsOf(address),
          ended(reason) {
            if (links.delete(handle)) announceEnd(handle, reason);
          },
        });
        announce(STATUS.success, handle, device);
        links.set(handle, connection);
      } catch (error) {
        if (!(error instanceof ConnectRefused)) throw error;
        if (error.reason !== NOT_ESTABLISHED) return announce(error.reason, 0, device);
        announce(STATUS.success, handle, device);
        void clock.sleep(NOT_ESTABLISHED_AFTER_MS).then(() => announceEnd(handle, NOT_ESTABLISHED));
      }
    },
    close(handle) {
      const connection = links.get(handle);
      if (!connection) return;
      links.delete(handle);
      connection.close();
      announceEnd(handle, STATUS.endedByHost);
    },
    isConnected: (device) =>
      [...links.values()].some(({ peripheral }) =>
        isSameAddress(hciAddress(peripheral.address, peripheral.addressType), device),
      ),
    forgetAll() {
      for (const connection of links.values()) connection.close();
      links.clear();
    },
  };
}
