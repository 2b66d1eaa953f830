import assert from "node:assert/strict";
import { test } from "node:test";
import { wrapSession } from "../../../../agent/drivers/device-session.ts";

test("every method of a session is wrapped, those of objects in it included, with its arguments", async () => {
  const session = {
    poll: async () => ({ volts: 12 }),
    describe: async () => ({ model: "AB" }),
    keepAlive: { afterMs: 5_500, send: async () => {} },
    settings: { write: async (name: string, value: number) => `${name}=${value}` },
  };
  const calls: string[] = [];
  const wrapped = wrapSession(session, (method, call) => {
    calls.push(method);
    return call();
  });
  assert.deepEqual(await wrapped.poll(), { volts: 12 });
  assert.deepEqual(await wrapped.describe(), { model: "AB" });
  await wrapped.keepAlive.send();
  assert.equal(await wrapped.settings.write("capacity", 100), "capacity=100");
  assert.equal(wrapped.keepAlive.afterMs, 5_500);
  assert.deepEqual(calls, ["poll", "describe", "keepAlive.send", "settings.write"]);
});
