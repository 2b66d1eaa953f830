import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { formatPublicKey } from "../../../../common/hosts/public-key.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { hostFacts, hostTable } from "../../../../control/commands/hosts.ts";
import { moveMeter, readHosts, renameHost, revokeHost } from "../../../../control/pairing/known-hosts-file.ts";
import { hostFiles } from "../../../support/host-files.ts";

const KEYS = { shed: x25519Pair().publicKey, barn: x25519Pair().publicKey };

async function house(t: TestContext) {
  const files = await hostFiles(t);
  const lines = Object.entries(KEYS).map(([name, key]) => `${name} ${formatPublicKey(key)}\n`);
  writeFileSync(files.knownHosts, `# our hosts\n${lines.join("")}`);
  chmodSync(files.knownHosts, 0o640);
  moveMeter("solar", "shed", files);
  return files;
}

test("a revoked host is not known, and its meters stay with its name", async (t) => {
  const files = await house(t);
  revokeHost("shed", files);
  assert.equal(readFileSync(files.knownHosts, "utf8"), `# our hosts\nbarn ${formatPublicKey(KEYS.barn)}\n`);
  assert.equal(statSync(files.knownHosts).mode & 0o777, 0o640);
  assert.deepEqual(
    hostFacts(readHosts(files)).map(({ name, key, meters }) => [name, key !== null, meters]),
    [
      ["local", false, []],
      ["barn", true, []],
      ["shed", false, ["solar"]],
    ],
  );
  assert.throws(() => revokeHost("shed", files), /no host is known as "shed"; there are: barn/);
});

test("a renamed host keeps its key and its meters", async (t) => {
  const files = await house(t);
  renameHost("shed", "attic", files);
  const { hosts, owners } = readHosts(files);
  assert.deepEqual(hosts[0], { name: "attic", publicKey: KEYS.shed });
  assert.equal(owners.get("solar"), "attic");
});

for (const [about, name, newName, message] of [
  ["a host that is not known", "attic", "loft", /no host is known as "attic"; there are: shed, barn/],
  ["the name of another host", "shed", "barn", /another host is known as barn/],
  ["the name of this host", "shed", "local", /cannot be the name of a host/],
  ["a name with a blank", "shed", "a b", /cannot be the name of a host/],
] as const) {
  test(`renaming is refused: ${about}`, async (t) => {
    const files = await house(t);
    const before = readFileSync(files.knownHosts, "utf8");
    assert.throws(() => renameHost(name, newName, files), message);
    assert.equal(readFileSync(files.knownHosts, "utf8"), before);
  });
}

test("a meter moves to a known host or to this one, and nowhere else", async (t) => {
  const files = await house(t);
  moveMeter("solar", "barn", files);
  moveMeter("lake/solar", "local", files);
  assert.deepEqual(
    [...readHosts(files).owners],
    [
      ["solar", "barn"],
      ["lake/solar", "local"],
    ],
  );
  assert.throws(() => moveMeter("solar", "attic", files), /no host is known as "attic"/);
  assert.throws(() => moveMeter("a\nb local", "barn", files), /is not the name of a meter/);
});

test("a damaged line is reported with its number", async (t) => {
  const files = await house(t);
  writeFileSync(files.knownHosts, "shed 00\n");
  assert.match(readHosts(files).faults.join(), /hosts line 1: the key of shed/);
});

test("the table names this host, known ones, and those that are revoked", async (t) => {
  const files = await house(t);
  revokeHost("shed", files);
  assert.match(
    hostTable(hostFacts(readHosts(files))),
    /^name +key +meters\nlocal +this host +-\nbarn +[0-9a-f]{16} +-\nshed +revoked +solar\n$/,
  );
});

test("a house without other hosts gets the next step", async (t) => {
  assert.match(
    hostTable(hostFacts(readHosts(await hostFiles(t)))),
    /\nno other host delivers here: sudo bmsctl pair\n$/,
  );
});
