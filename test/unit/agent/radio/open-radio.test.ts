import assert from "node:assert/strict";
import { test } from "node:test";
import { openRadio } from "../../../../agent/radio/open-radio.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";

const GROUND = { clock: systemClock, log: silentLog };

test("the simulated radio requires the socket of its simulator", async () => {
  await assert.rejects(openRadio({ kind: "simulated" }, GROUND), {
    name: "RadioError",
    fault: "adapter-missing",
    message: /set BMS_SIMULATOR to the socket/,
  });
});

test("the simulated radio opens without a simulator, and closes again", async () => {
  const radio = await openRadio({ kind: "simulated", simulator: "/nonexistent/simulator.sock" }, GROUND);
  await assert.rejects(radio.connect("A4:C1:37:00:00:01", new AbortController().signal), { fault: "adapter-missing" });
  await radio.close();
});
