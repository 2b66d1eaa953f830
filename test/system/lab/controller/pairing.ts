import { createCipheriv, randomBytes } from "node:crypto";

/**
 * The responder of LE legacy pairing with a passkey that the device shows and the host enters; no Secure Connections.
 * Source: Bluetooth Core Specification 5.0, volume 3, part H. Byte strings are least significant byte first, as sent.
 */
const CODE = {
  request: 0x01,
  response: 0x02,
  confirm: 0x03,
  random: 0x04,
  failed: 0x05,
  longTermKey: 0x06,
  centralIdentification: 0x07,
} as const;
const FAILURE = { confirmValue: 0x04, notSupported: 0x05 } as const;
const DISPLAY_ONLY = 0x00;
const NO_OUT_OF_BAND = 0x00;
const BONDING_WITH_PASSKEY = 0x05;
const KEY_BYTES = 16;
const DISTRIBUTES_LONG_TERM_KEY = 0x01;

/** A device's address in a pairing. */
export interface PairingAddress {
  /** 0 public, 1 random. */
  readonly type: number;
  /** Six bytes, least significant first. */
  readonly bytes: Uint8Array;
}

export interface PairingOptions {
  /** Six digits; undefined where the device does not pair. */
  readonly passkey: number | undefined;
  readonly host: PairingAddress;
  readonly device: PairingAddress;
  /** The bonds of earlier pairings. A new one is added. */
  readonly bonds: Bond[];
  send(pdu: Buffer): void;
}

/** A key that survives the link, and the two numbers that identify it. */
export interface Bond {
  readonly key: Buffer;
  readonly diversifier: Buffer;
  readonly random: Buffer;
}

export interface Pairing {
  receive(pdu: Buffer): void;
  /** True if the host may encrypt with this key: of the pairing under way, or of a bond. */
  accepts(key: Buffer, diversifier: Buffer, random: Buffer): boolean;
  /** The link is encrypted: sends the long-term key of a new pairing. */
  encrypted(): void;
}

export function pairing({ passkey, host, device, bonds, send }: PairingOptions): Pairing {
  const temporaryKey = Buffer.alloc(KEY_BYTES);
  temporaryKey.writeUInt32LE(passkey ?? 0);
  const ownRandom = randomBytes(KEY_BYTES);
  let request: Buffer | undefined;
  let response: Buffer | undefined;
  let hostConfirm: Buffer | undefined;
  let shortTermKey: Buffer | undefined;
  let bonded = false;

  const fail = (reason: number) => send(Buffer.from([CODE.failed, reason]));
  const confirmOf = (random: Buffer, [asked, answered]: readonly [Buffer, Buffer]) =>
    confirmValue({ key: temporaryKey, random, request: asked, response: answered, initiator: host, responder: device });

  return {
    receive(pdu) {
      const code = pdu[0];
      if (code === CODE.failed) return;
      if (passkey === undefined) return fail(FAILURE.notSupported);
      if (code === CODE.request) {
        request = Buffer.from(pdu);
        const keys = [0, DISTRIBUTES_LONG_TERM_KEY & (pdu[6] ?? 0)];
        response = Buffer.from([CODE.response, DISPLAY_ONLY, NO_OUT_OF_BAND, BONDING_WITH_PASSKEY, KEY_BYTES, ...keys]);
        return send(response);
      }
      if (!request || !response) return fail(FAILURE.notSupported);
      if (code === CODE.confirm) {
        hostConfirm = Buffer.from(pdu.subarray(1));
        return send(Buffer.concat([Buffer.from([CODE.confirm]), confirmOf(ownRandom, [request, response])]));
      }
      if (code === CODE.random) {
        const hostRandom = Buffer.from(pdu.subarray(1));
        if (!hostConfirm?.equals(confirmOf(hostRandom, [request, response]))) return fail(FAILURE.confirmValue);
        shortTermKey = sessionKey(temporaryKey, ownRandom, hostRandom);
        return send(Buffer.concat([Buffer.from([CODE.random]), ownRandom]));
      }
    },
    accepts(key, diversifier, random) {
      if (shortTermKey && key.equals(shortTermKey)) return true;
      return bonds.some(
        (bond) => bond.key.equals(key) && bond.diversifier.equals(diversifier) && bond.random.equals(random),
      );
    },
    encrypted() {
      if (!shortTermKey || bonded) return;
      bonded = true;
      if (response?.[6] !== DISTRIBUTES_LONG_TERM_KEY) return;
      const bond = { key: randomBytes(KEY_BYTES), diversifier: randomBytes(2), random: randomBytes(8) };
      bonds.push(bond);
      send(Buffer.concat([Buffer.from([CODE.longTermKey]), bond.key]));
      send(Buffer.concat([Buffer.from([CODE.centralIdentification]), bond.diversifier, bond.random]));
    },
  };
}

interface ConfirmInputs {
  readonly key: Buffer;
  readonly random: Buffer;
  readonly request: Buffer;
  readonly response: Buffer;
  readonly initiator: PairingAddress;
  readonly responder: PairingAddress;
}

/** The function c1 (2.2.3): proves knowledge of the passkey before the random number is sent. */
export function confirmValue({ key, random, request, response, initiator, responder }: ConfirmInputs): Buffer {
  const first = Buffer.concat([Buffer.from([initiator.type, responder.type]), request, response]);
  const second = Buffer.concat([responder.bytes, initiator.bytes, Buffer.alloc(4)]);
  return encrypt(key, xor(encrypt(key, xor(random, first)), second));
}

/** The function s1 (2.2.4): the key of the link from both random numbers, the low half of each. */
export function sessionKey(key: Buffer, responderRandom: Buffer, initiatorRandom: Buffer): Buffer {
  return encrypt(key, Buffer.concat([initiatorRandom.subarray(0, 8), responderRandom.subarray(0, 8)]));
}

function encrypt(key: Buffer, block: Buffer): Buffer {
  const cipher = createCipheriv("aes-128-ecb", Buffer.from(key).reverse(), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.from(block).reverse()), cipher.final()]).reverse();
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
