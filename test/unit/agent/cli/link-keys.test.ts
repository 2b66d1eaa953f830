import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readKeyOptions, readKeys } from "../../../../agent/cli/link-keys.ts";
import { createHostKey } from "../../../../common/hosts/host-key.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { encodeZ85 } from "../../../../common/hosts/z85.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const AGGREGATOR = x25519Pair().publicKey;
const endpoint = "tcp://house:8471";
const NEEDS =
  /^tcp:\/\/house:8471 needs keys: run sudo bmsctl pair on the aggregator's host and sudo bmsctl join LINE here/;
const given = { endpoint, hostKey: "/etc/bms/host.key", aggregatorKey: AGGREGATOR };

test("an endpoint on this computer needs no keys", () => {
  assert.equal(readKeyOptions({ ...given, endpoint: undefined }, {}), undefined);
  assert.equal(readKeyOptions({ ...given, endpoint: "ipc:///run/bms/readings.sock" }, {}), undefined);
});

test("tcp:// without keys is refused", () => {
  for (const missing of [{ hostKey: undefined }, { aggregatorKey: undefined }])
    assert.throws(() => readKeyOptions({ ...given, ...missing }, {}), { name: "UsageError", message: NEEDS });
});

test("the host's key is the credential of the service, unless a file is given", () => {
  const env = { CREDENTIALS_DIRECTORY: "/run/credentials/x" };
  assert.equal(readKeyOptions({ ...given, hostKey: undefined }, env)?.hostKeyFile, "/run/credentials/x/host-key");
  assert.equal(readKeyOptions(given, env)?.hostKeyFile, "/etc/bms/host.key");
});

test("keys are read; a missing, empty or damaged file and a useless key are refused", async (t) => {
  const hostKeyFile = join(await temporaryFolder(t), "host.key");
  const options = { endpoint, hostKeyFile, aggregator: AGGREGATOR };
  assert.throws(() => readKeys(options), /needs keys: .* does not exist\)$/);
  const own = createHostKey(hostKeyFile);
  assert.deepEqual(readKeys(options), { own, aggregator: AGGREGATOR });
  const useless = { ...options, aggregator: encodeZ85(new Uint8Array(32)) };
  assert.throws(() => readKeys(useless), /--aggregator-key is not the key of a host/);
  writeFileSync(hostKeyFile, "\n");
  assert.throws(() => readKeys(options), /is empty\)$/);
  writeFileSync(hostKeyFile, "secret\n");
  assert.throws(() => readKeys(options), { name: "UsageError", message: /does not hold a key of 40 characters/ });
});
