import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { KnownHost } from "../../../../common/hosts/known-hosts.ts";
import { makePairingCode } from "../../../../common/hosts/pairing-line.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { systemClock, virtualClock } from "../../../../common/runtime/clock.ts";
import { askPairing, reachableAddress, tryAggregator } from "../../../../control/pairing/aggregator-host.ts";
import { openPairingListener } from "../../../../control/pairing/listener.ts";
import { createRegistrar, MAX_WRONG_CODES } from "../../../../control/pairing/registrar.ts";
import { freePort } from "../../../support/free-port.ts";
import { hastenedClock } from "../../../support/hastened-clock.ts";
import { admittingRouter } from "../../../support/known-keys.ts";

const HOUSE = x25519Pair();
const SHED = x25519Pair();
const NEVER = new AbortController().signal;
const DEPS = { clock: systemClock, stop: NEVER };
const MINUTE = 60_000;

async function pairing(t: TestContext, { stop = NEVER, clock = systemClock } = {}) {
  const hosts: KnownHost[] = [];
  const code = makePairingCode();
  const registrar = createRegistrar({
    code,
    ownKey: HOUSE.publicKey,
    addresses: ["house"],
    knownHosts: () => hosts,
    add: (host) => void hosts.push(host),
  });
  const port = await freePort();
  const listener = await openPairingListener(port, HOUSE, registrar, { clock, stop });
  t.after(() => listener.close());
  const target = { host: "127.0.0.1", port, publicKey: HOUSE.publicKey };
  return { hosts, code, registrar, listener, target };
}

const join = (code: string, name = "shed", publicKey = SHED.publicKey) =>
  ({ type: "join", name, publicKey, code }) as const;

test("a host joins, and reports its trial", async (t) => {
  const { hosts, code, registrar, listener, target } = await pairing(t);
  const joined = listener.joined(MINUTE);
  const answer = await askPairing(target, SHED, join(code), DEPS);
  assert.deepEqual(answer, { type: "joined", name: "shed", addresses: ["house"] });
  assert.equal(await joined, "joined");
  assert.deepEqual(hosts, [{ name: "shed", publicKey: SHED.publicKey }]);
  const tried = listener.tried(MINUTE);
  assert.deepEqual(await askPairing(target, SHED, { type: "tried", code, isReached: true }, DEPS), { type: "noted" });
  await tried;
  assert.equal(registrar.isReached, true);
});

test("a wrong code is refused, and a few of them end the pairing", async (t) => {
  const { hosts, listener, target } = await pairing(t);
  const joined = listener.joined(MINUTE);
  for (let count = 0; count < MAX_WRONG_CODES; count += 1) {
    const answer = await askPairing(target, SHED, join(makePairingCode()), DEPS);
    assert.deepEqual(answer, { type: "refused", reason: "code" });
  }
  assert.equal(await joined, "wrong codes");
  assert.deepEqual(hosts, []);
});

test("a code that was used does not admit a second host", async (t) => {
  const { code, listener, target } = await pairing(t);
  await askPairing(target, SHED, join(code), DEPS);
  assert.equal(await listener.joined(MINUTE), "joined");
  const barn = x25519Pair();
  const answer = await askPairing(target, barn, join(code, "barn", barn.publicKey), DEPS);
  assert.deepEqual(answer, { type: "refused", reason: "code" });
});

test("a pairing expires", async (t) => {
  const { listener } = await pairing(t, { clock: virtualClock() });
  assert.equal(await listener.joined(10 * MINUTE), "expired");
});

test("Ctrl-C ends the waiting", async (t) => {
  const stop = new AbortController();
  const { listener } = await pairing(t, { stop: stop.signal });
  const joined = listener.joined(MINUTE);
  stop.abort(new Error("stopped"));
  await assert.rejects(joined, /stopped/);
});

test("a second pairing on the same port is refused with what to do", async (t) => {
  const { registrar, target } = await pairing(t);
  await assert.rejects(openPairingListener(target.port, HOUSE, registrar, DEPS), /--pairing-port/);
});

test("whoever answers with another key gets no request", async (t) => {
  const { hosts, code, target } = await pairing(t);
  const forged = { ...target, publicKey: x25519Pair().publicKey };
  // Only the deadline ends this, and only it is on the clock.
  await assert.rejects(
    askPairing(forged, SHED, join(code), { clock: virtualClock(), stop: NEVER }),
    /does not answer as the bmsctl pair of this line/,
  );
  assert.deepEqual(hosts, []);
});

test("a port that nobody listens on is closed", async () => {
  const port = await freePort();
  await assert.rejects(reachableAddress({ host: "127.0.0.1", port }, DEPS), /is closed: is sudo bmsctl pair/);
});

test("a name that is not known names the remedy", async () => {
  await assert.rejects(reachableAddress({ host: "no-such-host.invalid", port: 1 }, DEPS), /--host-address/);
});

test("the address that answers is found", async (t) => {
  const { target } = await pairing(t);
  assert.equal(await reachableAddress({ host: "localhost", port: target.port }, DEPS).then(Boolean), true);
});

test("an aggregator admits, does not know the key, or is not there", async (t) => {
  const port = await freePort();
  let asked = 0;
  // It has not yet read the file with the new key when it is first asked.
  const has = (key: string) => key === SHED.publicKey && ++asked > 1;
  await admittingRouter(t, port, HOUSE, { has });
  const target = { host: "127.0.0.1", port, publicKey: HOUSE.publicKey };
  assert.equal(await tryAggregator(target, SHED, DEPS), "admitted");
  assert.equal(asked, 2);
  assert.equal(await tryAggregator(target, x25519Pair(), { ...DEPS, clock: hastenedClock }), "refused");
  assert.equal(await tryAggregator({ ...target, publicKey: SHED.publicKey }, SHED, DEPS, 500), "silent");
  assert.equal(await tryAggregator({ ...target, port: await freePort() }, SHED, DEPS, 500), "silent");
});
