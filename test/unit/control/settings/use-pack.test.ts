import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { driversNamed } from "../../../../agent/cli/device-options.ts";
import { parseAddress } from "../../../../common/model/address.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { usePack } from "../../../../control/settings/use-pack.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const UNIT = "bms-agent@house.service";
const address = parseAddress("A4:C1:37:00:00:01") ?? assert.fail();
const log = { error() {}, warn() {}, info() {}, debug() {} };

/** A pack whose radio is not there. */
async function failingPack(folder: string, battery: string | undefined) {
  const systemd = fakeSystemd({ [UNIT]: { active: "active" } });
  const radio = { kind: "simulated", simulator: join(folder, "absent.sock") } as const;
  const device = {
    address,
    drivers: driversNamed("jbd"),
    radio,
    pin: undefined,
    capture: undefined,
    logLevel: "error",
  } as const;
  const deps = { systemd, clock: systemClock, log, stop: new AbortController().signal };
  const work = usePack({ name: "house", battery, device }, deps, (link) => link.connection());
  await assert.rejects(work, { name: "RadioError" });
  return systemd.commands;
}

test("a lent pack is given back after an error", async (t) => {
  const commands = await failingPack(await temporaryFolder(t), "house");
  assert.deepEqual(commands.slice(-3), [`stop ${UNIT}`, `start --no-block ${UNIT}`, "stop bms-take-back-house.timer"]);
});

test("a pack without a service is not lent", async (t) => {
  assert.deepEqual(await failingPack(await temporaryFolder(t), undefined), []);
});
