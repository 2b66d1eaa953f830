import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { formatFinding } from "../../../../control/doctor/finding.ts";
import { checkKeyFile, checkRemoteAggregator } from "../../../../control/doctor/remote-aggregator.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const OWN = x25519Pair();
const HOUSE = { host: "house", port: 8471, publicKey: x25519Pair().publicKey };
const KEYLESS = { ...HOUSE, publicKey: undefined };
const RUNS = { active: "active" };

for (const [about, house, uid, own, admission, local, expected] of [
  ["admits this host", HOUSE, 0, OWN, "admitted", undefined, /^OK .*\(tcp:\/\/house:8471\) admits this one\n$/],
  ["does not know this host", HOUSE, 0, OWN, "refused", undefined, /^WRONG .*does not admit .*: sudo bmsctl pair on/],
  ["is away", HOUSE, 0, OWN, "silent", undefined, /^WRONG .*does not answer, so readings wait on disk: check the/],
  ["has no key here", KEYLESS, 0, OWN, "admitted", undefined, /^WRONG .*not known by its key: sudo bmsctl pair on/],
  ["wants a key that was removed", HOUSE, 0, undefined, "admitted", undefined, /^WRONG .*this host has none: sudo/],
  ["is asked about by a user", HOUSE, 1000, undefined, "admitted", undefined, /^\? .*: run the doctor with sudo\n$/],
  ["is not the only one", HOUSE, 0, OWN, "admitted", RUNS, /^OK .*\nNOTE .*runs as well.*: sudo systemctl stop/],
] as const) {
  test(`an aggregator of another host that ${about}`, async () => {
    const deps = { uid, ownKey: () => own, tryAggregator: async () => admission };
    const findings = await checkRemoteAggregator(house, local, deps);
    assert.match(findings.map((finding) => formatFinding(finding)).join(""), expected);
  });
}

test("a key that others can read is wrong; none is not", async (t) => {
  const file = join(await temporaryFolder(t), "host.key");
  assert.deepEqual(checkKeyFile(file), []);
  writeFileSync(file, "x");
  chmodSync(file, 0o600);
  assert.deepEqual(checkKeyFile(file), []);
  chmodSync(file, 0o640);
  assert.match(
    checkKeyFile(file)
      .map((finding) => formatFinding(finding))
      .join(""),
    /^WRONG .*: sudo chmod 600 /,
  );
});
