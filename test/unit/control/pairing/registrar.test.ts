import assert from "node:assert/strict";
import { test } from "node:test";
import type { KnownHost } from "../../../../common/hosts/known-hosts.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import type { PairingRequest } from "../../../../control/pairing/messages.ts";
import { createRegistrar, MAX_WRONG_CODES } from "../../../../control/pairing/registrar.ts";

const HOUSE = x25519Pair().publicKey;
const SHED = x25519Pair().publicKey;
const BARN = x25519Pair().publicKey;

function registrar(known: readonly KnownHost[] = []) {
  const hosts = [...known];
  const made = createRegistrar({
    code: "right",
    ownKey: HOUSE,
    addresses: ["house"],
    knownHosts: () => hosts,
    add: (host) => void hosts.push(host),
  });
  return { hosts, made };
}

const join = (name: string, publicKey: string, code = "right"): PairingRequest => ({
  type: "join",
  name,
  publicKey,
  code,
});
const JOINED = { type: "joined", name: "shed", addresses: ["house"] };
const refused = (reason: string) => ({ type: "refused", reason });

test("a host with the code is added under its name", () => {
  const { hosts, made } = registrar();
  assert.deepEqual(made.answer(join("shed", SHED)), JOINED);
  assert.deepEqual(hosts, [{ name: "shed", publicKey: SHED }]);
  assert.deepEqual(made.joined, { name: "shed", publicKey: SHED });
});

test("a host whose answer was lost asks again; nobody else uses the code", () => {
  const { hosts, made } = registrar();
  made.answer(join("shed", SHED));
  assert.deepEqual(made.answer(join("shed", SHED)), JOINED);
  assert.deepEqual(made.answer(join("barn", BARN)), refused("code"));
  assert.equal(hosts.length, 1);
});

test("a name that another host has is refused, and the code is still good", () => {
  const { hosts, made } = registrar([{ name: "shed", publicKey: BARN }]);
  assert.deepEqual(made.answer(join("shed", SHED)), refused("name"));
  assert.equal(made.joined, undefined);
  assert.equal(made.answer(join("attic", SHED)).type, "joined");
  assert.equal(hosts.length, 2);
});

test("a host that is known keeps its name", () => {
  const { hosts, made } = registrar([{ name: "shed", publicKey: SHED }]);
  assert.deepEqual(made.answer(join("other", SHED)), JOINED);
  assert.equal(hosts.length, 1);
});

test("the aggregator's own host is refused", () => {
  const { hosts, made } = registrar();
  assert.deepEqual(made.answer(join("house", HOUSE)), refused("own"));
  assert.deepEqual(hosts, []);
});

for (const code of ["", "right ", "RIGHT", "wrong"]) {
  test(`the code ${JSON.stringify(code)} is wrong`, () => {
    const { hosts, made } = registrar();
    assert.deepEqual(made.answer(join("shed", SHED, code)), refused("code"));
    assert.deepEqual(hosts, []);
  });
}

test("after too many wrong codes the right one is refused as well", () => {
  const { hosts, made } = registrar();
  for (let count = 1; count < MAX_WRONG_CODES; count += 1) made.answer(join("shed", SHED, `${count}`));
  assert.equal(made.isEnded, false);
  made.answer({ type: "tried", code: "wrong", isReached: true });
  assert.equal(made.isEnded, true);
  assert.deepEqual(made.answer(join("shed", SHED)), refused("code"));
  assert.deepEqual(hosts, []);
});

test("a trial is noted with the code only", () => {
  const { made } = registrar();
  made.answer(join("shed", SHED));
  made.answer({ type: "tried", code: "wrong", isReached: true });
  assert.equal(made.isReached, undefined);
  assert.deepEqual(made.answer({ type: "tried", code: "right", isReached: false }), { type: "noted" });
  assert.equal(made.isReached, false);
});

test("what is not a request is refused and costs nothing", () => {
  const { made } = registrar();
  for (let count = 0; count < 2 * MAX_WRONG_CODES; count += 1)
    assert.deepEqual(made.answer(undefined), refused("malformed"));
  assert.equal(made.isEnded, false);
});
