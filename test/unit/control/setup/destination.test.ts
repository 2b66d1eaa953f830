import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPublicKey } from "../../../../common/hosts/public-key.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { destination } from "../../../../control/setup/destination.ts";

const { publicKey } = x25519Pair();
const OUTPUT = { BMS_OUTPUT: "-" };
const KEY = { BMS_AGGREGATOR_KEY: formatPublicKey(publicKey) };
const DEFAULT = "ipc:///run/bms/readings.sock";

for (const [about, endpoint, expected] of [
  ["alone", DEFAULT, DEFAULT],
  ["with a socket elsewhere", "ipc:///tmp/x.sock", "ipc:///tmp/x.sock"],
  ["that receives from others", "tcp://[::]:8471", DEFAULT],
  ["that receives from others, with a socket elsewhere", "tcp://[::]:8471 ipc:///tmp/x.sock", "ipc:///tmp/x.sock"],
] as const) {
  test(`the agents of a host ${about} deliver to ${expected}`, () => {
    assert.deepEqual(destination({ ...OUTPUT, BMS_ENDPOINT: endpoint }, false), { endpoint: expected });
  });
}

test("the agents of a host that has joined another one deliver there", () => {
  const settings = { ...OUTPUT, ...KEY, BMS_ENDPOINT: "tcp://house:8471" };
  const remote = { host: "house", port: 8471, publicKey };
  assert.deepEqual(destination(settings, true), { endpoint: "tcp://house:8471", remote });
});

test("a damaged key is not known", () => {
  const settings = { ...OUTPUT, BMS_AGGREGATOR_KEY: "00", BMS_ENDPOINT: "tcp://house:8471" };
  assert.equal(destination(settings, true).remote?.publicKey, undefined);
});

test("a damaged endpoint names the file", () => {
  assert.throws(() => destination({ ...OUTPUT, BMS_ENDPOINT: "tcp://house:0" }, true), {
    name: "UsageError",
    message: /^in \/etc\/bms\/common\.env: the port of endpoint/,
  });
});
