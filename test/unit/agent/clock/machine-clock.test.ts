import assert from "node:assert/strict";
import { test } from "node:test";
import { isNtpSynchronised } from "../../../../agent/clock/machine-clock.ts";

import { createMessageBus, type Service } from "../../../support/dbus/message-bus.ts";

const NAME = "org.freedesktop.timedate1";
/** Of the D-Bus specification. */
const NO_AUTO_START = 2;

for (const answer of [true, false]) {
  test(`timedated is asked, and started if need be: ${answer}`, async (t) => {
    const bus = await createMessageBus();
    t.after(() => bus.close());
    const flags: number[] = [];
    const timedated: Service = {
      name: NAME,
      handle(call) {
        assert.deepEqual([call.member, call.body], ["Get", [NAME, "NTPSynchronized"]]);
        flags.push(call.flags ?? 0);
        return { signature: "v", body: [{ type: "b", value: answer }] };
      },
    };
    bus.own(timedated);
    assert.equal(await isNtpSynchronised({ DBUS_SYSTEM_BUS_ADDRESS: bus.address }), answer);
    assert.deepEqual(
      flags.map((each) => each & NO_AUTO_START),
      [0],
    );
  });
}

test("a bus without timedated, and no bus at all, answer nothing", async (t) => {
  const bus = await createMessageBus();
  t.after(() => bus.close());
  assert.equal(await isNtpSynchronised({ DBUS_SYSTEM_BUS_ADDRESS: bus.address }), undefined);
  assert.equal(await isNtpSynchronised({ DBUS_SYSTEM_BUS_ADDRESS: "unix:path=/nonexistent/bus" }), undefined);
});
