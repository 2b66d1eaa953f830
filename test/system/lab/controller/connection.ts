import type { Clock } from "../../../../common/runtime/clock.ts";
import type { Peripheral, PeripheralLink } from "../../../../simulator/peripheral.ts";
import { attServer } from "./att-server.ts";
import { gattTable } from "./gatt-table.ts";
import { type AclData, encodeAcl } from "./hci-packets.ts";
import { answerSignal, CHANNEL, type Frame, frameAssembler, frameToAcl, parameterUpdateRequest } from "./l2cap.ts";
import { type Bond, type PairingAddress, pairing } from "./pairing.ts";

/** The two ends of a link and its parameters. */
export interface ConnectionOptions {
  readonly handle: number;
  readonly peripheral: Peripheral;
  readonly name: string;
  readonly clock: Clock;
  /** From a device's response to the host, in ms. */
  readonly latencyMs: number;
  /** Bytes of data in one ACL packet. */
  readonly aclBytes: number;
  readonly host: PairingAddress;
  readonly device: PairingAddress;
  /** Six digits of a device that demands an encrypted link. */
  readonly passkey: number | undefined;
  readonly bonds: Bond[];
  send(packet: Buffer): void;
  /** The device has ended the link. */
  ended(reason: number): void;
}

export interface Connection {
  readonly peripheral: Peripheral;
  receive(acl: AclData): void;
  /** Encrypts the link if the device shares this key. */
  encrypt(key: Buffer, diversifier: Buffer, random: Buffer): boolean;
  /** The host's side is gone. Nothing is sent afterwards. */
  close(): void;
}

/** Packs ask for other connection parameters this long after the first subscription (captures of the vendor app). */
const PREFERENCE_AFTER_MS = 200;

/** One link: L2CAP with its three fixed channels. @throws {ConnectRefused} as the peripheral does */
export function openConnection(options: ConnectionOptions): Connection {
  const { handle, peripheral, clock, latencyMs, aclBytes } = options;
  const over = new AbortController();
  let encrypted = false;
  let asked = false;

  const after = (ms: number, act: () => void) => {
    clock.sleep(ms, over.signal).then(act, () => {});
  };
  const transmit = (frame: Frame) => {
    for (const acl of frameToAcl(handle, frame, aclBytes)) options.send(encodeAcl(acl));
  };
  let underWay = 0;
  const send = (frame: Frame) => {
    underWay += 1;
    after(latencyMs, () => {
      underWay -= 1;
      transmit(frame);
    });
  };
  const link: PeripheralLink = peripheral.connect({
    notified: (characteristic, piece) => att.notify(characteristic, piece),
    disconnected(reason) {
      over.abort();
      options.ended(reason);
    },
  });
  const att = attServer({
    table: gattTable(options.name, peripheral.services),
    link,
    mtu: peripheral.mtu,
    mustPair: () => options.passkey !== undefined && !encrypted,
    respond: (payload) => send({ channel: CHANNEL.att, payload }),
    // The simulator delays a battery's notifications itself. They must not overtake earlier packets.
    notify: (payload) => (underWay > 0 ? send : transmit)({ channel: CHANNEL.att, payload }),
    subscribed() {
      const { preferredParameters } = peripheral;
      if (asked || !preferredParameters) return;
      asked = true;
      after(PREFERENCE_AFTER_MS, () => send(parameterUpdateRequest(1, preferredParameters)));
    },
  });
  const security = pairing({ ...options, send: (payload) => send({ channel: CHANNEL.security, payload }) });
  const assemble = frameAssembler();

  return {
    peripheral,
    receive(acl) {
      const frame = assemble(acl);
      if (!frame) return;
      if (frame.channel === CHANNEL.att) void att.receive(frame.payload);
      else if (frame.channel === CHANNEL.security) security.receive(frame.payload);
      else if (frame.channel === CHANNEL.signalling) {
        const answer = answerSignal(frame.payload);
        if (answer) send(answer);
      }
    },
    encrypt(key, diversifier, random) {
      if (!security.accepts(key, diversifier, random)) return false;
      encrypted = true;
      security.encrypted();
      return true;
    },
    close() {
      over.abort();
      link.close();
    },
  };
}
