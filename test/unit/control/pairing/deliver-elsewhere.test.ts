import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatPublicKey } from "../../../../common/hosts/public-key.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { deliverHere, deliverTo, requireNoHosts } from "../../../../control/pairing/deliver-elsewhere.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";
import { hostFiles } from "../../../support/host-files.ts";

const { publicKey } = x25519Pair();
const HOUSE = { host: "house", port: 8471 };
const STOP = "stop bms-viewer.socket bms-viewer.service bms-aggregator.service";
const RESTART = "restart bms-agent@broken.service bms-agent@solar.service";

async function shed(t: TestContext, refused: readonly string[] = []) {
  const files = await hostFiles(t);
  const units = {
    "bms-agent@solar.service": { active: "active" },
    "bms-agent@broken.service": { active: "failed" },
    "bms-agent@lent.service": { active: "inactive" },
  };
  const systemd = fakeSystemd(units, refused);
  const reports: string[] = [];
  const report = (text: string) => void reports.push(text);
  return { files, systemd, reports, deps: { files, installation: files.installation, systemd, report } };
}

test("agents deliver to the other host; the local aggregator and the page end after them", async (t) => {
  const { files, systemd, deps } = await shed(t);
  await deliverTo(HOUSE, publicKey, deps);
  assert.equal(
    readFileSync(files.common, "utf8"),
    `# for all\n#BMS_SITE=shed\nBMS_LOG_LEVEL=debug\nBMS_ENDPOINT=tcp://house:8471\nBMS_AGGREGATOR_KEY=${formatPublicKey(publicKey)}\n`,
  );
  assert.equal(readFileSync(files.joined, "utf8"), "tcp://house:8471\n");
  assert.equal(existsSync(join(files.units, "bms-agent@.service.d/agent-network.conf")), true);
  assert.deepEqual(systemd.commands, ["daemon-reload", RESTART, STOP]);
});

test("joining twice is harmless", async (t) => {
  const { files, deps } = await shed(t);
  await deliverTo(HOUSE, publicKey, deps);
  const first = readFileSync(files.common, "utf8");
  await deliverTo(HOUSE, publicKey, deps);
  assert.equal(readFileSync(files.common, "utf8"), first);
});

test("a failure half-way is repaired by the same command", async (t) => {
  const { files, deps } = await shed(t, ["bms-agent@solar.service"]);
  await assert.rejects(deliverTo(HOUSE, publicKey, deps), /refused/);
  const again = { ...deps, systemd: fakeSystemd({ "bms-agent@solar.service": { active: "active" } }) };
  await deliverTo(HOUSE, publicKey, again);
  assert.deepEqual(again.systemd.commands, ["daemon-reload", "restart bms-agent@solar.service", STOP]);
  assert.equal(existsSync(files.joined), true);
});

test("the way back leaves the files as they were", async (t) => {
  const { files, systemd, deps } = await shed(t);
  const before = readFileSync(files.common, "utf8");
  await deliverTo(HOUSE, publicKey, deps);
  systemd.commands.length = 0;
  await deliverHere(deps);
  assert.equal(readFileSync(files.common, "utf8"), before);
  assert.deepEqual([existsSync(files.joined), existsSync(join(files.units, "bms-agent@.service.d"))], [false, false]);
  assert.deepEqual(systemd.commands, ["daemon-reload", "start bms.target", RESTART]);
  await assert.rejects(deliverHere(deps), /own aggregator already/);
});

test("the way back leads to a local endpoint that all services share", async (t) => {
  const { files, deps } = await shed(t);
  const before = "BMS_ENDPOINT=ipc:///run/bms/other.sock\n";
  writeFileSync(files.common, before);
  await deliverTo(HOUSE, publicKey, deps);
  await deliverTo({ ...HOUSE, port: 9000 }, publicKey, deps);
  await deliverHere(deps);
  assert.equal(readFileSync(files.common, "utf8"), before);
});

test("an agent with an endpoint of its own is named", async (t) => {
  const { files, reports, deps } = await shed(t);
  writeFileSync(join(files.installation.files, "solar.env"), "BMS_ENDPOINT=ipc:///tmp/x.sock\n");
  await deliverTo(HOUSE, publicKey, deps);
  assert.ok(reports.some((text) => text.startsWith("not changed: solar, with a BMS_ENDPOINT in")));
});

test("a host to which others deliver does not join another one", async (t) => {
  const { files } = await shed(t);
  requireNoHosts(files);
  writeFileSync(files.knownHosts, `barn ${formatPublicKey(publicKey)}\n`);
  assert.throws(() => requireNoHosts(files), /\(barn\): .*revoke/);
});
