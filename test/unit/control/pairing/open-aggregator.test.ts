import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { closeAggregator, openAggregator } from "../../../../control/pairing/open-aggregator.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";
import { hostFiles } from "../../../support/host-files.ts";

const UNIT = "bms-aggregator.service";
const RESTART = ["daemon-reload", `restart ${UNIT}`];

async function house(t: TestContext, { refused = [] as readonly string[] } = {}) {
  const files = await hostFiles(t);
  const systemd = fakeSystemd({ [UNIT]: { active: "active" } }, refused);
  const reports: string[] = [];
  let isListening = true;
  const deps = {
    files,
    systemd,
    clock: systemClock,
    report: (text: string) => void reports.push(text),
    isListening: async () => isListening,
  };
  const stopListening = () => {
    isListening = false;
  };
  return { files, systemd, deps, reports, stopListening };
}

const endpointIn = (file: string) => /^BMS_ENDPOINT=(.*)$/m.exec(readFileSync(file, "utf8"))?.[1];
const dropInOf = (units: string) => join(units, `${UNIT}.d/aggregator-network.conf`);

test("the first pairing makes a key, adds a port and opens the network", async (t) => {
  const { files, systemd, deps, reports } = await house(t);
  const { port } = await openAggregator(undefined, deps);
  assert.equal(port, 8471);
  assert.equal(statSync(files.key).mode & 0o777, 0o600);
  assert.match(endpointIn(files.aggregator) ?? "", /^"?tcp:\/\/(\[::\]|0\.0\.0\.0):8471"?$/);
  assert.match(readFileSync(files.aggregator, "utf8"), /^# for the aggregator\n/);
  assert.match(readFileSync(dropInOf(files.units), "utf8"), /^SocketBindAllow=tcp:8471$/m);
  assert.deepEqual(systemd.commands, RESTART);
  assert.equal(reports.length, 4);
});

test("the second pairing restarts nothing", async (t) => {
  const { deps, systemd, reports } = await house(t);
  const { key } = await openAggregator(undefined, deps);
  systemd.commands.length = reports.length = 0;
  assert.deepEqual((await openAggregator(undefined, deps)).key, key);
  assert.deepEqual([systemd.commands, reports], [[], []]);
});

test("a pairing that was interrupted before the restart goes on", async (t) => {
  const { deps, systemd, stopListening } = await house(t);
  await openAggregator(undefined, deps);
  systemd.commands.length = 0;
  stopListening();
  await openAggregator(undefined, deps);
  assert.deepEqual(systemd.commands, RESTART);
});

test("an aggregator that does not start is an error, and the next pairing tries again", async (t) => {
  const { deps, systemd } = await house(t, { refused: [UNIT] });
  await assert.rejects(openAggregator(undefined, deps), /refused/);
  await assert.rejects(openAggregator(undefined, { ...deps, isListening: async () => false }), /refused/);
  assert.equal(systemd.commands.length, 4);
});

test("a port of the operator's choice is bound, and stays", async (t) => {
  const { files, deps } = await house(t);
  await openAggregator(9000, deps);
  assert.match(readFileSync(dropInOf(files.units), "utf8"), /^SocketBindAllow=tcp:9000$/m);
  assert.equal((await openAggregator(undefined, deps)).port, 9000);
});

test("endpoints that are set stay, and come first", async (t) => {
  const { files, deps } = await house(t);
  writeFileSync(files.aggregator, 'BMS_ENDPOINT="ipc:///run/bms/other.sock tcp://10.0.0.5:8000"\n');
  assert.equal((await openAggregator(undefined, deps)).port, 8000);
  assert.equal(endpointIn(files.aggregator), '"ipc:///run/bms/other.sock tcp://10.0.0.5:8000"');
  await closeAggregator(deps);
  assert.equal(endpointIn(files.aggregator), "ipc:///run/bms/other.sock");
});

test("a local endpoint that all services share stays the aggregator's", async (t) => {
  const { files, deps } = await house(t);
  writeFileSync(files.common, "BMS_ENDPOINT=ipc:///run/bms/other.sock\n");
  const before = readFileSync(files.aggregator, "utf8");
  await openAggregator(undefined, deps);
  await openAggregator(9000, deps);
  assert.match(endpointIn(files.aggregator) ?? "", /^"ipc:\/\/\/run\/bms\/other\.sock tcp:\S+:9000"$/);
  await closeAggregator(deps);
  assert.equal(readFileSync(files.aggregator, "utf8"), before);
});

test("closing leaves the files as they were, but for the key", async (t) => {
  const { files, deps, systemd } = await house(t);
  const before = readFileSync(files.aggregator, "utf8");
  await openAggregator(undefined, deps);
  systemd.commands.length = 0;
  await closeAggregator(deps);
  assert.equal(readFileSync(files.aggregator, "utf8"), before);
  assert.equal(existsSync(join(files.units, `${UNIT}.d`)), false);
  assert.equal(existsSync(files.key), true);
  assert.deepEqual(systemd.commands, RESTART);
});

test("a drop-in of the administrator stays", async (t) => {
  const { files, deps } = await house(t);
  await openAggregator(undefined, deps);
  const own = join(files.units, `${UNIT}.d/own.conf`);
  writeFileSync(own, "");
  await closeAggregator(deps);
  assert.equal(existsSync(own), true);
});

test("a host that has joined another one is refused before anything is changed", async (t) => {
  const { files, deps } = await house(t);
  writeFileSync(files.joined, "tcp://house:8471\n");
  await assert.rejects(openAggregator(undefined, deps), /join --undo/);
  assert.equal(existsSync(files.key), false);
});
