import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createHostKey } from "../../common/hosts/host-key.ts";
import { addKnownHost, removeKnownHost } from "../../common/hosts/known-hosts.ts";
import { formatPublicKey } from "../../common/hosts/public-key.ts";
import type { Row } from "../../simulator/csv-rows.ts";
import { freePort } from "../support/free-port.ts";
import { answerCount, createSystem, deviceColumns, expectedRows } from "./system.ts";

const PACK = "A4:C1:37:00:00:01";

/** A house and a shed: their keys, and the options by which the programs of one reach those of the other. */
async function twoHosts(t: TestContext) {
  const system = createSystem(t);
  const keyFile = (host: string) => join(system.folder, `${host}.key`);
  const [house, shed] = [createHostKey(keyFile("house")), createHostKey(keyFile("shed"))];
  const hostsFile = join(system.folder, "hosts");
  const known = addKnownHost("", { name: "shed", publicKey: shed.publicKey });
  writeFileSync(hostsFile, known);
  const endpoint = `tcp://127.0.0.1:${await freePort()}`;
  return {
    system,
    revokeShed: () => writeFileSync(hostsFile, removeKnownHost(known, "shed")),
    admitShed: () => writeFileSync(hostsFile, known),
    startAggregator: () =>
      system.startAggregator("--endpoint", endpoint, "--host-key", keyFile("house"), "--hosts", hostsFile),
    startAgent(meter: string, ...args: string[]) {
      const keys = ["--host-key", keyFile("shed"), "--aggregator-key", formatPublicKey(house.publicKey)];
      const spool = ["--spool", join(system.folder, "spool"), "--log-level", "debug"];
      return system.startAgent(meter, PACK, "-i", "0.1", "--endpoint", endpoint, ...keys, ...spool, ...args);
    },
  };
}

/** A row that was printed and not acknowledged before a kill comes again with its own time. */
const withoutRepeats = (rows: readonly Row[]) => [...new Map(rows.map((row) => [row.time, row])).values()];

test("every answer of a battery at another host arrives, through a kill of the aggregator", async (t) => {
  const { system, ...hosts } = await twoHosts(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const first = await hosts.startAggregator();
  const agent = hosts.startAgent("pack");
  await system.until(() => system.measured("pack").length >= 5);
  await first.stop("SIGKILL");
  const before = answerCount(agent);
  await system.until(() => answerCount(agent) >= before + 5);
  await hosts.startAggregator();
  await system.until(() => system.measured("pack").length >= before + 5);
  await agent.stop();
  const expected = expectedRows(system.answers(), PACK);
  await system.until(() => withoutRepeats(system.measured("pack")).length >= expected.length);
  assert.deepEqual(withoutRepeats(system.measured("pack")).map(deviceColumns), expected);
});

test("a host that is revoked keeps its readings, logs the way back, and delivers them once it is admitted", async (t) => {
  const { system, ...hosts } = await twoHosts(t);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  await hosts.startAggregator();
  const agent = hosts.startAgent("pack");
  await system.until(() => system.measured("pack").length >= 3);
  hosts.revokeShed();
  await agent.logged(/does not know this host, or its key was revoked: .* run sudo bmsctl pair/);
  const before = answerCount(agent);
  await system.until(() => answerCount(agent) >= before + 5);
  hosts.admitShed();
  await system.until(() => system.measured("pack").length >= before + 5);
  await agent.stop();
  const expected = expectedRows(system.answers(), PACK);
  await system.until(() => withoutRepeats(system.measured("pack")).length >= expected.length);
  assert.deepEqual(withoutRepeats(system.measured("pack")).map(deviceColumns), expected);
});

test("a meter of the house is not written by the shed; the log of its agent has the command that moves it", async (t) => {
  const { system, ...hosts } = await twoHosts(t);
  await system.startSimulator("--jbd", "2", "--latency", "1");
  const aggregator = await hosts.startAggregator();
  system.startAgent("pack", "A4:C1:37:00:00:02", "-i", "0.1");
  await system.until(() => system.measured("pack").length >= 2);
  const agent = hosts.startAgent("another", "--meter", "pack");
  await agent.logged(/sudo bmsctl hosts move pack shed/);
  await aggregator.logged(/rejected, owner: meter "pack" of host "shed" belongs to "local"/);
});
