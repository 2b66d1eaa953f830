import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { KnownHost } from "../../../../common/hosts/known-hosts.ts";
import { makePairingCode } from "../../../../common/hosts/pairing-line.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { openPairingListener } from "../../../../control/pairing/listener.ts";
import { registerHost } from "../../../../control/pairing/register-host.ts";
import { createRegistrar } from "../../../../control/pairing/registrar.ts";
import { freePort } from "../../../support/free-port.ts";
import { hastenedClock } from "../../../support/hastened-clock.ts";
import { admittingRouter } from "../../../support/known-keys.ts";

const HOUSE = x25519Pair();
const SHED = x25519Pair();
const ADDRESS = "127.0.0.1";

interface HouseOptions {
  /** The aggregator listens and admits whoever has joined. */
  readonly hasAggregator?: boolean;
  /** It learns of the keys that join. */
  readonly admitsNew?: boolean;
  readonly known?: readonly KnownHost[];
}

/** A house that waits for a host, and what the other host needs to join it. */
async function house(t: TestContext, { hasAggregator = true, admitsNew = true, known = [] }: HouseOptions = {}) {
  const hosts = [...known];
  const admitted = new Set(known.map(({ publicKey }) => publicKey));
  const [port, pairingPort] = [await freePort(), await freePort()];
  const line = { host: ADDRESS, port, pairingPort, publicKey: HOUSE.publicKey, code: makePairingCode() };
  const registrar = createRegistrar({
    code: line.code,
    ownKey: HOUSE.publicKey,
    addresses: ["house.example", "house.local"],
    knownHosts: () => hosts,
    add(host) {
      hosts.push(host);
      if (admitsNew) admitted.add(host.publicKey);
    },
  });
  const deps = { clock: hastenedClock, stop: new AbortController().signal };
  const listener = await openPairingListener(pairingPort, HOUSE, registrar, { ...deps, clock: systemClock });
  t.after(() => listener.close());
  if (hasAggregator) await admittingRouter(t, port, HOUSE, admitted);
  const names = new Map([["house.local", [ADDRESS]]]);
  const resolve = async (name: string) => names.get(name) ?? [];
  return { line, registrar, listener, hosts, names, deps: { ...deps, resolve } };
}

test("a host joins under its name, and delivers to a name that leads to the house", async (t) => {
  const { line, registrar, deps } = await house(t);
  const admitted = await registerHost(line, SHED, "shed", deps);
  assert.deepEqual(admitted, { name: "shed", endpoint: { host: "house.local", port: line.port } });
  assert.equal(registrar.isReached, true);
});

test("a name that leads to several addresses, or elsewhere, is not taken", async (t) => {
  const { line, names, deps } = await house(t);
  names.set("house.local", [ADDRESS, "10.0.0.9"]).set("house.example", ["10.0.0.9"]);
  assert.equal((await registerHost(line, SHED, "shed", deps)).endpoint.host, ADDRESS);
});

test("a name that the operator has chosen stays", async (t) => {
  const { line, deps } = await house(t);
  const admitted = await registerHost({ ...line, host: "localhost" }, SHED, "shed", deps);
  assert.equal(admitted.endpoint.host, "localhost");
});

test("an aggregator that cannot be reached is reported on both sides; the same command then goes on", async (t) => {
  const { line, registrar, listener, deps, hosts } = await house(t, { hasAggregator: false });
  await assert.rejects(
    registerHost(line, SHED, "shed", { ...deps, trialMs: 500 }),
    /registered at 127\.0\.0\.1 as shed, but .* does not answer at port \d+: .* run this command again/,
  );
  assert.equal(registrar.isReached, false);
  await listener.close();
  await admittingRouter(t, line.port, HOUSE, new Set(hosts.map(({ publicKey }) => publicKey)));
  const closed = { ...line, pairingPort: await freePort() };
  assert.deepEqual(await registerHost(closed, SHED, "shed", deps), { endpoint: { host: ADDRESS, port: line.port } });
});

test("an aggregator that refuses the new key is reported without a word of firewalls", async (t) => {
  const { line, deps } = await house(t, { admitsNew: false });
  await assert.rejects(
    registerHost(line, SHED, "shed", deps),
    /as shed, but its aggregator refuses the key: see sudo bmsctl doctor there; then run this command again$/,
  );
});

test("a host that has joined needs no code to join again", async (t) => {
  const { line, deps } = await house(t, { known: [{ name: "shed", publicKey: SHED.publicKey }] });
  const late = { ...line, code: makePairingCode() };
  assert.deepEqual(await registerHost(late, SHED, "shed", deps), { endpoint: { host: ADDRESS, port: line.port } });
});

test("a stranger with an old line is refused with the next step", async (t) => {
  const { line, deps } = await house(t);
  const late = { ...line, code: makePairingCode() };
  await assert.rejects(registerHost(late, SHED, "shed", deps), /used, expired or wrong: sudo bmsctl pair/);
});

test("a name that is taken is refused with what to do", async (t) => {
  const { line, deps } = await house(t, { known: [{ name: "shed", publicKey: x25519Pair().publicKey }] });
  await assert.rejects(registerHost(line, SHED, "shed", deps), /--name; .* hosts revoke shed there first/);
  assert.equal((await registerHost(line, SHED, "attic", deps)).name, "attic");
});

test("a pairing that has ended is named", async (t) => {
  const { line, deps } = await house(t);
  await assert.rejects(registerHost({ ...line, pairingPort: await freePort() }, SHED, "shed", deps), /is closed/);
});
