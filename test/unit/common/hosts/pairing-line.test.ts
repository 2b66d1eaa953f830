import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPairingLine, makePairingCode, parsePairingLine } from "../../../../common/hosts/pairing-line.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";

const LINE = { port: 8471, pairingPort: 8472, publicKey: x25519Pair().publicKey, code: makePairingCode() };

for (const host of ["house", "192.168.1.5", "fd00::5", "house.example"]) {
  test(`a line for ${host} survives a shell and is read again`, () => {
    const text = formatPairingLine({ host, ...LINE });
    assert.match(text, /^[A-Za-z0-9/.:_-]+$/);
    assert.deepEqual(parsePairingLine(` ${text}\n`), { host, ...LINE });
  });
}

test("a line that was cut, lengthened or is of another version is not read", () => {
  const text = formatPairingLine({ host: "house", ...LINE });
  for (const other of [text.slice(0, -1), `${text}a`, `${text}/`, text.slice(1), text.replace("bms1", "bms2"), ""])
    assert.equal(parsePairingLine(other), undefined);
  for (const [part, wrong] of [
    ["8471", "0"],
    ["8472", "x"],
    ["house", "a b"],
    ["house", ""],
  ] as const)
    assert.equal(parsePairingLine(text.replace(part, wrong)), undefined);
});

test("codes are random", () => {
  assert.notEqual(makePairingCode(), makePairingCode());
});
