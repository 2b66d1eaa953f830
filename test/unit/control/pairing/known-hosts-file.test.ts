import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { fingerprint, formatPublicKey } from "../../../../common/hosts/public-key.ts";
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
    hostFacts(readHosts(files), undefined).map(({ name, key, meters }) => [name, key !== null, meters]),
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
  const now = Date.UTC(2026, 0, 2);
  const barn = { name: "barn", connections: 1, connectedSince: now - 7_200_000, meters: 0, readings: 8412 };
  const running = [
    { name: "local", meters: 0, readings: 5 },
    { ...barn, lastAt: now - 3_000, clockAheadMs: -6_200 },
  ];
  revokeHost("shed", files);
  assert.equal(
    hostTable(hostFacts(readHosts(files), running), now).replace(fingerprint(KEYS.barn), "0123456789abcdef"),
    `name   key               connected  readings  last     clock       meters
local  this host         -          5         -        -           -
barn   0123456789abcdef  for 2 h    8,412     3 s ago  6 s behind  -
shed   revoked           -          -         -        -           solar
`,
  );
});

test("a host that is away is not connected; --json has what is known, and null", async (t) => {
  const files = await house(t);
  const running = [{ name: "shed", connections: 0, meters: 1, readings: 412, lastAt: 0, clockAheadMs: 9_000 }];
  const facts = hostFacts(readHosts(files), running);
  assert.deepEqual(facts[1], {
    name: "shed",
    key: fingerprint(KEYS.shed),
    known: true,
    connections: 0,
    connectedSince: null,
    meters: ["solar"],
    readings: 412,
    last: "1970-01-01T00:00:00Z",
    clockAhead: 9,
  });
  assert.match(hostTable(facts, 60_000), /\nshed +[0-9a-f]{16} +no +412 +60 s ago +9 s ahead +solar\n/);
});

test("a house without other hosts gets the next step", async (t) => {
  const facts = hostFacts(readHosts(await hostFiles(t)), undefined);
  assert.match(hostTable(facts, 0), /\nno other host delivers here: sudo bmsctl pair\n$/);
});
