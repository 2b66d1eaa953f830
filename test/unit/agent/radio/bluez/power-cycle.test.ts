import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link, Radio } from "../../../../../agent/radio/radio.ts";
import { turnsAt } from "../../../../../agent/radio/sharing/lease.ts";
import { adapterTurn } from "../../../../../agent/radio/sharing/names.ts";
import { type Log, silentLog } from "../../../../../common/runtime/log.ts";
import { characteristic } from "../../../../support/characteristic.ts";
import { Refusal } from "../../../../support/dbus/message-bus.ts";
import { never, PACK, type Rig, rig } from "./bluez-test-setup.ts";

/** Patience that is over at once. */
const AT_ONCE = { powerCycleMs: 0, biteMs: 200 };
const OTHER_PACK = { ...PACK, address: "A4:C1:37:00:00:02" };

const switchings = ({ bluez }: Rig) => bluez.calls.filter((call) => call.startsWith("Powered="));

/** Nothing is heard until the adapter was off. */
function jam({ bluez, pack, adapter }: Rig): void {
  bluez.silence(pack);
  void bluez.called("Set").then(() => bluez.advertise(PACK, adapter));
}

/** Tries until it is connected; returns the reasons of the failures before. */
async function connectAtLast(radio: Radio, address = PACK.address): Promise<{ link: Link; failures: string[] }> {
  const failures: string[] = [];
  for (;;) {
    try {
      return { link: await radio.connect(address, never), failures };
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
}

function recordingLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  return { lines, log: { ...silentLog, warn: say, error: say } };
}

test("an adapter on which nobody has an answer is switched off and on, once, and that is said in one line", async (t) => {
  const here = await rig(t);
  jam(here);
  const { log, lines } = recordingLog();
  const { failures } = await connectAtLast(here.open({ ...AT_ONCE, log }));
  assert.deepEqual(switchings(here), [`Powered=false ${here.adapter}`, `Powered=true ${here.adapter}`]);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /no agent on hci\d+ has had an answer for long: switching it off and on/);
  assert.match(failures[0] ?? "", /is being switched off and on/);
});

test("it is done in the adapter's turn", async (t) => {
  const here = await rig(t);
  jam(here);
  const turn = await turnsAt(adapterTurn(here.adapter)).take(never);
  const connecting = connectAtLast(here.open(AT_ONCE));
  await here.bluez.called("GetManagedObjects");
  assert.deepEqual(switchings(here), []);
  await turn.release();
  await connecting;
  assert.equal(switchings(here).length, 2);
});

test("one whose device answers keeps it on", async (t) => {
  const here = await rig(t);
  here.bluez.advertise(OTHER_PACK, here.adapter);
  here.bluez.silence(here.pack);
  const { link } = await connectAtLast(here.open(AT_ONCE), OTHER_PACK.address);
  await link.read(characteristic("ff00", "ff02"));
  const before = switchings(here);
  await assert.rejects(here.open(AT_ONCE).connect(PACK.address, never), { fault: "not-found" });
  assert.deepEqual(switchings(here), before);
});

test("one that was not told to switch keeps it on", async (t) => {
  const here = await rig(t);
  here.bluez.silence(here.pack);
  const silent = here.open({ biteMs: 200 });
  await assert.rejects(silent.connect(PACK.address, never), { fault: "not-found" });
  await assert.rejects(here.open(AT_ONCE).connect(PACK.address, never), { fault: "not-found" });
  assert.deepEqual(switchings(here), []);
});

test("a switching that is refused is told and not tried again at once", async (t) => {
  const here = await rig(t);
  here.bluez.silence(here.pack);
  here.bluez.answer("Set", () => {
    throw new Refusal("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message");
  });
  const { log, lines } = recordingLog();
  const radio = here.open({ ...AT_ONCE, log });
  await assert.rejects(radio.connect(PACK.address, never), { fault: "adapter-off" });
  await assert.rejects(radio.connect(PACK.address, never), { fault: "not-found" });
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? "", /switching hci\d+ off and on failed.*group bluetooth/);
});

test("a bluetoothd that is busy with the former change is asked again", async (t) => {
  const here = await rig(t);
  jam(here);
  const usual = here.bluez.answer("Set", () => {
    usual();
    throw new Refusal("org.bluez.Error.Busy", "");
  });
  await connectAtLast(here.open(AT_ONCE));
  assert.equal(switchings(here).length, 2);
});

test("the end waits until the adapter is on again", async (t) => {
  const here = await rig(t);
  here.bluez.silence(here.pack);
  const radio = here.open(AT_ONCE);
  const refused = assert.rejects(radio.connect(PACK.address, never));
  await here.bluez.called("Set");
  await radio.close();
  assert.equal(switchings(here).at(-1), `Powered=true ${here.adapter}`);
  await refused;
});
