import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addKnownHost,
  isHostName,
  parseKnownHosts,
  removeKnownHost,
  renameKnownHost,
} from "../../../../common/hosts/known-hosts.ts";
import { formatPublicKey } from "../../../../common/hosts/public-key.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";

const SHED = { name: "shed", publicKey: x25519Pair().publicKey };
const BARN = { name: "barn", publicKey: x25519Pair().publicKey };
const SHED_KEY = formatPublicKey(SHED.publicKey);
const BARN_KEY = formatPublicKey(BARN.publicKey);
const FILE = `# hosts\n\nshed ${SHED_KEY}\n  barn\t${BARN_KEY} \n`;

test("hosts, comments and blank lines", () => {
  assert.deepEqual(parseKnownHosts(FILE), { hosts: [SHED, BARN], faults: [] });
  assert.deepEqual(parseKnownHosts(""), { hosts: [], faults: [] });
});

const FAULTS: readonly (readonly [about: string, line: string, fault: RegExp])[] = [
  ["a cut key", `shed ${SHED_KEY.slice(0, -1)}`, /^line 2: the key of shed is not 64 hexadecimal digits$/],
  ["no key", "shed", /^line 2: the key of shed/],
  ["two keys", `shed ${SHED_KEY} ${BARN_KEY}`, /^line 2: there is more behind the key of shed$/],
  ["the name of this computer", `local ${SHED_KEY}`, /^line 2: the name "local" is not/],
  ["a terminal's escape", `\u001b[2J ${SHED_KEY}`, /^line 2: the name "\\u001b\[2J" is not/],
  ["a name again", `barn ${SHED_KEY}`, /^line 2: there is another line for barn$/],
  ["a key again", `shed ${BARN_KEY}`, /^line 2: the key of shed is also that of barn$/],
];

for (const [about, line, fault] of FAULTS) {
  test(`${about}: the line is skipped, the others count`, () => {
    const { hosts, faults } = parseKnownHosts(`barn ${BARN_KEY}\n${line}\n`);
    assert.deepEqual(hosts, [BARN]);
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? "", fault);
  });
}

test("names of hosts", () => {
  for (const name of ["shed", "pi-2", "A_b", "x".repeat(32)]) assert.ok(isHostName(name), name);
  for (const name of ["", "local", "x".repeat(33), "a b", "a.b", "ü", "shed\n"]) assert.ok(!isHostName(name), name);
});

test("a host is added as a line of its own", () => {
  assert.deepEqual(parseKnownHosts(addKnownHost("", SHED)).hosts, [SHED]);
  assert.deepEqual(parseKnownHosts(addKnownHost(`barn ${BARN_KEY}`, SHED)).hosts, [BARN, SHED]);
});

test("a host is removed and renamed; the rest of the file stays as it is", () => {
  assert.equal(removeKnownHost(FILE, "shed"), FILE.replace(`shed ${SHED_KEY}\n`, ""));
  assert.equal(renameKnownHost(FILE, "barn", "garage"), FILE.replace("barn", "garage"));
  assert.equal(removeKnownHost(FILE, "hosts"), FILE);
  assert.equal(removeKnownHost(FILE, "#"), FILE);
  assert.equal(removeKnownHost(`${FILE}shed damaged\n`, "shed"), FILE.replace(`shed ${SHED_KEY}\n`, ""));
});
