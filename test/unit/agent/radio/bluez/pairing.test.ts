import assert from "node:assert/strict";
import { test } from "node:test";
import { passkeyIn } from "../../../../../agent/radio/bluez/pairing.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { type BusMessage, v } from "../../../../support/dbus/message.ts";
import { Refusal } from "../../../../support/dbus/message-bus.ts";
import { count, never, PACK, type Rig, rig, unanswered } from "./bluez-test-setup.ts";

const DEVICE = "org.bluez.Device1";
const AGENT = { path: "/bms/agent", interface: "org.bluez.Agent1" };

/** bluetoothd pairs by calling the registered agent; collects each of the agent's answers. */
function askedWhilePairing({ bluez }: Rig, member: string, device: string): Promise<BusMessage> {
  return new Promise((resolve) => {
    bluez.answer("Pair", async (_, client) => {
      const reply = await bluez.bus.call(client, { ...AGENT, member, signature: "o", body: [device] });
      resolve(reply);
      if (reply.kind === "error")
        throw new Refusal("org.bluez.Error.AuthenticationRejected", "Authentication Rejected");
      return {};
    });
  });
}

test("a link is paired by the passkey, which bluetoothd requests from this process", async (t) => {
  const here = await rig(t);
  const link = await here.open({ pin: "012345" }).connect(PACK.address, never);
  const asked = askedWhilePairing(here, "RequestPasskey", here.pack);
  await link.pair?.();
  assert.deepEqual((await asked).body, [12345]);
});

test("a request for another device is answered with a random passkey, never with an error", async (t) => {
  const here = await rig(t);
  const link = await here.open({ pin: "123456" }).connect(PACK.address, never);
  const asked = askedWhilePairing(here, "RequestPasskey", `${here.pack}9`);
  await link.pair?.();
  const reply = await asked;
  assert.equal(reply.kind, "return");
  assert.notDeepEqual(reply.body, [123456]);
});

test("other requests are refused", async (t) => {
  const here = await rig(t);
  const link = await here.open({ pin: "123456" }).connect(PACK.address, never);
  const asked = askedWhilePairing(here, "RequestAuthorization", here.pack);
  await assert.rejects(async () => link.pair?.(), { fault: "pairing-needed", message: /is that its passkey/ });
  assert.equal((await asked).errorName, "org.bluez.Error.Rejected");
});

test("an agent that is registered already is used", async (t) => {
  const here = await rig(t);
  here.bluez.answer("RegisterAgent", () => {
    throw new Refusal("org.bluez.Error.AlreadyExists", "Already Exists");
  });
  const link = await here.open({ pin: "1" }).connect(PACK.address, never);
  const asked = askedWhilePairing(here, "RequestPasskey", here.pack);
  await link.pair?.();
  assert.deepEqual((await asked).body, [1]);
});

/** A device that demands pairing when it is subscribed to, and what it does with the answer. */
function demandAtSubscription({ bluez, pack }: Rig, then: (reply: BusMessage) => void) {
  bluez.answer("StartNotify", async (_, client) => {
    then(await bluez.bus.call(client, { ...AGENT, member: "RequestPasskey", signature: "o", body: [pack] }));
    return unanswered();
  });
}

test("a device that demands a passkey where there is none: the link is lost, and the error names the reason", async (t) => {
  const here = await rig(t);
  demandAtSubscription(here, ({ kind }) => {
    assert.equal(kind, "return");
    here.bluez.set(here.pack, DEVICE, { Connected: v("b", false) });
  });
  const link = await here.open().connect(PACK.address, never);
  assert.equal(link.pair, undefined);
  await assert.rejects(link.subscribe(characteristic("ff00", "ff01")), {
    fault: "pairing-needed",
    message: /demands a passkey.*--pin/,
  });
});

test("a link that is lost at the passkey names the passkey as the reason", async (t) => {
  const here = await rig(t);
  demandAtSubscription(here, () => here.bluez.set(here.pack, DEVICE, { Connected: v("b", false) }));
  const link = await here.open({ pin: "111111" }).connect(PACK.address, never);
  await assert.rejects(link.subscribe(characteristic("ff00", "ff01")), {
    fault: "pairing-needed",
    message: /is --pin right/,
  });
});

test("the pairing agent is registered only while a device is connected and until its first answer", async (t) => {
  const { bluez, open } = await rig(t);
  const link = await open().connect(PACK.address, never);
  assert.deepEqual([count(bluez.calls, "RegisterAgent"), count(bluez.calls, "UnregisterAgent")], [1, 0]);
  await link.read(characteristic("ff00", "ff02"));
  await link.read(characteristic("ff00", "ff02"));
  await link.close();
  assert.deepEqual([count(bluez.calls, "RegisterAgent"), count(bluez.calls, "UnregisterAgent")], [1, 1]);
});

test("a passkey is one to six digits", () => {
  for (const [pin, passkey] of [
    ["000000", 0],
    ["999999", 999_999],
    ["42", 42],
    ["1234567", undefined],
    ["12a", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const) {
    assert.equal(passkeyIn(pin), passkey);
  }
});
