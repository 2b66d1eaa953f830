import assert from "node:assert/strict";
import { test } from "node:test";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from "../../../../control/pairing/messages.ts";

const { publicKey } = x25519Pair();

for (const request of [
  { type: "join", name: "shed", publicKey, code: "abc" },
  { type: "tried", code: "abc", isReached: true },
  { type: "tried", code: "abc", isReached: false },
] as const) {
  test(`a request survives the wire: ${request.type}`, () => {
    assert.deepEqual(decodeRequest(encodeRequest(request)), request);
  });
}

for (const answer of [
  { type: "joined", name: "shed", addresses: ["house", "house.local"] },
  { type: "refused", reason: "name" },
  { type: "noted" },
] as const) {
  test(`an answer survives the wire: ${answer.type}`, () => {
    assert.deepEqual(decodeAnswer(encodeAnswer(answer)), answer);
  });
}

const key = "0".repeat(64);
for (const [about, text] of [
  ["no JSON", "{"],
  ["no object", "[1]"],
  ["nothing", "null"],
  ["another version", JSON.stringify({ v: 2, t: "join", name: "shed", key, code: "a" })],
  ["another type", JSON.stringify({ v: 1, t: "leave", name: "shed", key, code: "a" })],
  ["no code", JSON.stringify({ v: 1, t: "join", name: "shed", key })],
  ["a name with a line break", JSON.stringify({ v: 1, t: "join", name: "shed\nhouse 00", key, code: "a" })],
  ["the name of the aggregator's own host", JSON.stringify({ v: 1, t: "join", name: "local", key, code: "a" })],
  ["a key that is cut", JSON.stringify({ v: 1, t: "join", name: "shed", key: key.slice(1), code: "a" })],
  ["a trial without a result", JSON.stringify({ v: 1, t: "tried", code: "a" })],
  ["3 kB", JSON.stringify({ v: 1, t: "join", name: "shed", key, code: "a".repeat(3000) })],
] as const) {
  test(`a request with ${about} is not one`, () => {
    assert.equal(decodeRequest(Buffer.from(text)), undefined);
  });
}

for (const [about, text] of [
  ["an unknown reason", JSON.stringify({ v: 1, t: "refused", reason: "weather" })],
  ["no name", JSON.stringify({ v: 1, t: "joined", addresses: [] })],
  ["no addresses", JSON.stringify({ v: 1, t: "joined", name: "shed" })],
] as const) {
  test(`an answer with ${about} is not one`, () => {
    assert.equal(decodeAnswer(Buffer.from(text)), undefined);
  });
}

test("addresses that are none are left out", () => {
  const text = JSON.stringify({ v: 1, t: "joined", name: "shed", addresses: ["a b", 5, "house", "$(reboot)", "::1"] });
  assert.deepEqual(decodeAnswer(Buffer.from(text)), { type: "joined", name: "shed", addresses: ["house", "::1"] });
});
