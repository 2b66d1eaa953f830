import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { readHostKey } from "../../../../common/hosts/host-key.ts";
import { parsePairingLine } from "../../../../common/hosts/pairing-line.ts";
import { fingerprint, formatPublicKey } from "../../../../common/hosts/public-key.ts";
import { systemClock, virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { joinHost } from "../../../../control/pairing/join-host.ts";
import { pairHost } from "../../../../control/pairing/pair-host.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";
import { freePort } from "../../../support/free-port.ts";
import { hostFiles } from "../../../support/host-files.ts";
import { admittingRouter } from "../../../support/known-keys.ts";
import { until } from "../../../support/until.ts";

const AGGREGATOR = { "bms-aggregator.service": { active: "active" } };
const AGENT = { "bms-agent@solar.service": { active: "active" } };

/** `bmsctl pair` in a house, up to its end. */
async function pairing(t: TestContext, changed: { json?: boolean; qr?: boolean; clock?: typeof systemClock } = {}) {
  const files = await hostFiles(t);
  const stop = new AbortController();
  const printed: string[] = [];
  const logged: string[] = [];
  const stdout = new PassThrough();
  const [port, pairingPort] = [await freePort(), await freePort()];
  const { json = false, qr = false, clock = systemClock } = changed;
  const options = { hostAddress: "127.0.0.1", port, pairingPort, qr, undo: false, json };
  const status = pairHost(options, {
    files,
    systemd: fakeSystemd(AGGREGATOR),
    clock,
    stop: stop.signal,
    isListening: async () => true,
    stdout,
    print: (text) => void printed.push(text),
    progress() {},
    createLog: () => ({ ...silentLog, error: (text) => void logged.push(text) }),
  });
  const text = await until("a line", () => /bms1\/[^\s"]+/.exec(printed.join(""))?.[0]);
  const line = parsePairingLine(text);
  assert.ok(!("fault" in line));
  const key = readHostKey(files.key);
  assert.ok(key);
  return { files, stop, printed, logged, stdout, status, line, key, port };
}

/** The needs of `bmsctl join` in a shed. */
async function shed(t: TestContext) {
  const files = await hostFiles(t);
  const systemd = fakeSystemd(AGENT);
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const deps = { files, installation: files.installation, systemd, print };
  return { files, systemd, printed, deps: { ...deps, clock: systemClock, stop: new AbortController().signal } };
}

const join = { name: "shed", json: false };

test("two hosts are paired, and the agents of one deliver to the other", async (t) => {
  const house = await pairing(t);
  const other = await shed(t);
  await admittingRouter(t, house.port, house.key, { has: () => true });
  await joinHost({ ...join, line: house.line }, { ...other.deps, resolve: async () => [] });
  assert.equal(await house.status, 0);
  const key = readHostKey(other.files.key);
  assert.ok(key);
  assert.equal(readFileSync(house.files.knownHosts, "utf8"), `shed ${formatPublicKey(key.publicKey)}\n`);
  assert.match(
    house.printed.join(""),
    new RegExp(`shed \\(key ${fingerprint(key.publicKey)}\\) has joined\n.*reached`),
  );
  const settings = readFileSync(other.files.common, "utf8");
  assert.match(settings, new RegExp(`^BMS_ENDPOINT=tcp://127.0.0.1:${house.port}$`, "m"));
  assert.match(settings, new RegExp(`^BMS_AGGREGATOR_KEY=${formatPublicKey(house.key.publicKey)}$`, "m"));
  assert.match(other.printed.join(""), /^registered as shed \(key .*exposure of an agent.*1\.2 OK\nnext: /s);
  await joinHost({ ...join, line: undefined }, other.deps);
  assert.doesNotMatch(readFileSync(other.files.common, "utf8"), /BMS_ENDPOINT|BMS_AGGREGATOR_KEY/);
});

test("the line is printed once, and as a QR code", async (t) => {
  const { printed, stdout, stop, status, port } = await pairing(t, { qr: true });
  stop.abort(new Error("stopped by SIGINT"));
  assert.equal(await status, 0);
  const text = printed.join("");
  assert.match(text, /^made the key .*\nexposure of bms-aggregator\.service, .*: 1\.2 OK\n/s);
  assert.equal(text.match(/^ {2}sudo bmsctl join bms1\/\S+$/gm)?.length, 1);
  assert.match(text, new RegExp(`\nended; .* at port ${port}: sudo bmsctl pair --undo closes it\n$`));
  assert.match(String(stdout.read()), /▄▄▄/);
});

test("with --json the line and the host are data, and nothing else is printed", async (t) => {
  const house = await pairing(t, { json: true });
  const other = await shed(t);
  await admittingRouter(t, house.port, house.key, { has: () => true });
  await joinHost({ ...join, line: house.line, json: true }, { ...other.deps, resolve: async () => [] });
  assert.equal(await house.status, 0);
  const [line, joined, ...more] = house.printed.map((text) => JSON.parse(text));
  assert.deepEqual([typeof line.line, Number.isNaN(Date.parse(line.expires)), more], ["string", false, []]);
  assert.deepEqual([joined.joined, joined.reached], ["shed", true]);
  const [facts, ...others] = other.printed.map((text) => JSON.parse(text));
  assert.deepEqual(
    [facts.joined, facts.endpoint, facts.key, facts.exposure, others],
    ["shed", `tcp://127.0.0.1:${house.port}`, joined.key, "1.2 OK", []],
  );
});

test("a house whose aggregator cannot be reached says so, and nothing is changed in the shed", async (t) => {
  const house = await pairing(t);
  const other = await shed(t);
  const before = readFileSync(other.files.common, "utf8");
  await assert.rejects(
    joinHost({ ...join, line: house.line }, { ...other.deps, trialMs: 300 }),
    /run this command again/,
  );
  assert.equal(await house.status, 1);
  assert.match(house.logged.join(""), /does not reach port \d+: open it in the firewall/);
  assert.deepEqual([readFileSync(other.files.common, "utf8"), other.systemd.commands], [before, []]);
});

test("nobody joins in time", async (t) => {
  const { status, logged } = await pairing(t, { clock: virtualClock() });
  assert.equal(await status, 1);
  assert.match(logged.join(""), /no host has joined in time/);
});

test("the aggregator's own host does not join itself", async (t) => {
  const house = await pairing(t);
  const other = await shed(t);
  const own = { ...other.deps, files: { ...other.files, key: house.files.key } };
  await assert.rejects(joinHost({ ...join, line: house.line }, own), /this is the aggregator's own host/);
  house.stop.abort(new Error("stopped"));
  await house.status;
});
