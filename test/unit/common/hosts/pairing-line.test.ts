import assert from "node:assert/strict";
import { createHash } from "node:crypto";
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

const WHOLE = formatPairingLine({ host: "house", ...LINE });
const faultOf = (text: string) => {
  const line = parsePairingLine(text);
  return "fault" in line ? line.fault : undefined;
};

test("a line that was cut, lengthened or changed was not copied whole", () => {
  for (let end = "bms1/".length; end < WHOLE.length; end += 1)
    assert.match(faultOf(WHOLE.slice(0, end)) ?? "", /^was not copied whole/, String(end));
  for (const other of [
    `${WHOLE}a`,
    `${WHOLE}/`,
    WHOLE.replace("house", "horse"),
    WHOLE.replace("8471", "8470"),
    WHOLE.replace("house", "a b"),
  ])
    assert.match(faultOf(other) ?? "", /^was not copied whole/, other);
});

for (const [part, wrong] of [
  ["8471", "0"],
  ["8472", "x"],
  ["house", "a b"],
  ["house", ""],
] as const) {
  test(`a line with ${JSON.stringify(wrong)} for ${part} is not read, whatever its check`, () => {
    const text = WHOLE.replace(part, wrong).replace(/\/[^/]*$/, "");
    const check = createHash("sha256").update(text).digest("hex").slice(0, 6);
    assert.notEqual(faultOf(`${text}/${check}`), undefined);
  });
}

test("a line of a later version is named", () => {
  assert.match(faultOf(WHOLE.replace("bms1", "bms2")) ?? "", /^is of another version \(bms2\): install/);
});

test("another text is not a line", () => {
  for (const text of ["", "house", WHOLE.slice(1), "https://house/"])
    assert.match(faultOf(text) ?? "", /^is not a line/);
});

test("codes are random", () => {
  assert.notEqual(makePairingCode(), makePairingCode());
});
