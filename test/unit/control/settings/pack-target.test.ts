import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { DEVICE_OPTIONS, readDeviceOptions } from "../../../../agent/cli/device-options.ts";
import { readEnvironment } from "../../../../common/cli/option.ts";
import { findPack } from "../../../../control/settings/pack-target.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const HOUSE = "A4:C1:37:00:00:01";
const OTHER = "A4:C1:37:00:00:02";

async function finder(t: TestContext, files: Readonly<Record<string, string>>) {
  const root = await temporaryFolder(t);
  for (const folder of ["agents", "pins"]) mkdirSync(join(root, folder));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const at = (name: string) => join(root, name);
  const installation = {
    files: at("agents"),
    pins: at("pins"),
    runtime: at("run"),
    state: at("state"),
    common: at("common.env"),
  };
  const systemd = fakeSystemd({ "bms-agent@house.service": { active: "active" } });
  const device = (address: string) => {
    const env = { BMS_ADDRESS: address };
    return readDeviceOptions({ values: readEnvironment(DEVICE_OPTIONS, env), env });
  };
  return { root, find: (word: string) => findPack(word, { systemd, installation, device }) };
}

const INSTALLED = {
  "common.env": "BMS_RADIO=hci\nBMS_CAPTURE=/x\n",
  "agents/house.env": `BMS_ADDRESS=${HOUSE}\nBMS_ADAPTER=hci1\n`,
  "pins/house": "123456\n",
};

test("the pack of a service is reached as its service reaches it, with its password, and without its capture", async (t) => {
  const { root, find } = await finder(t, INSTALLED);
  for (const word of ["house", HOUSE]) {
    const { name, battery, device } = await find(word);
    assert.deepEqual([name, battery, device.address], ["house", "house", HOUSE]);
    assert.deepEqual(device.radio, { kind: "hci", adapter: "hci1" });
    assert.deepEqual(device.pin, { file: join(root, "pins/house") });
    assert.equal(device.capture, undefined);
  }
});

test("an address that no service reads needs no service", async (t) => {
  const { find } = await finder(t, INSTALLED);
  const { name, battery, device } = await find(OTHER);
  assert.deepEqual([name, battery, device.address], [OTHER, undefined, OTHER]);
});

test("an unknown name is refused with the known ones", async (t) => {
  const { find } = await finder(t, INSTALLED);
  await assert.rejects(find("hose"), { name: "UsageError", message: /no battery "hose" .* there are: house/ });
});
