import assert from "node:assert/strict";
import { test } from "node:test";
import { connectDevice } from "../../../../agent/polling/connect.ts";
import { type Radio, RadioError } from "../../../../agent/radio/radio.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { ADDRESS, createScriptedDevice, scriptedDriver } from "../../../support/scripted-device.ts";

const never = new AbortController().signal;
const demandsPairing = () => new RadioError("pairing-needed", "the device wants an encrypted link");

/** A device that answers only on a paired link, and how often it was paired. */
function lockedDevice(pair: (() => Promise<void>) | undefined) {
  const clock = virtualClock();
  const { radio } = createScriptedDevice(clock);
  let pairings = 0;
  const locked: Radio = {
    ...radio,
    async connect(to, signal) {
      const link = await radio.connect(to, signal);
      const pairing = async () => {
        pairings += 1;
        await pair?.();
      };
      return { ...link, ...(pair && { pair: pairing }) };
    },
  };
  const poll = async () => {
    if (pairings === 0) throw demandsPairing();
    return { volts: 12 };
  };
  const target = { address: ADDRESS, drivers: [scriptedDriver({ poll })], settings: {} };
  return { pairings: () => pairings, connect: () => connectDevice(target, { radio: locked, clock }, never) };
}

test("a poll that is refused on an unencrypted link is repeated on a paired one", async () => {
  const device = lockedDevice(async () => {});
  const connection = await device.connect();
  assert.deepEqual(await connection.poll(), { volts: 12 });
  assert.deepEqual(await connection.poll(), { volts: 12 });
  assert.equal(device.pairings(), 1);
  await connection.close();
});

test("without a passkey the demand is reported", async () => {
  const connection = await lockedDevice(undefined).connect();
  await assert.rejects(connection.poll(), { fault: "pairing-needed" });
  await connection.close();
});

test("a failed pairing is reported, and not repeated over one link", async () => {
  const device = lockedDevice(() => Promise.reject(new RadioError("pairing-needed", "is that its passkey?")));
  const connection = await device.connect();
  await assert.rejects(connection.poll(), /is that its passkey/);
  assert.equal(device.pairings(), 1);
  await connection.close();
});
