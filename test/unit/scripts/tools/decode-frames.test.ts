import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import { isQuantity } from "../../../../common/model/quantities.ts";
import { decodePublished, decoderOf, framesIn } from "../../../../scripts/tools/decode-frames.ts";
import { FIXTURES } from "../../../support/fixture.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

interface Expected {
  readonly id: string;
  readonly expected?: Readonly<Record<string, number | string | undefined>>;
}

const FOLDER = join(FIXTURES, "frames");
/** Files of frames in another form, with tests of their own. */
const OTHERS: readonly string[] = ["jbd.json"];
/** Published frames whose fault this program names otherwise, by family and id. Each is refused. */
const OTHERWISE: Readonly<Record<string, string>> = {
  // A piece is missing, and no more come.
  "litime bad-lost-piece": "truncated",
};
/** Stated values that a frame itself contradicts, by family and id: a board of 16 cells that numbers its lowest one 17. */
const DOUBTED: Readonly<Record<string, readonly string[]>> = { "ant model2021-leg-3": ["mincell"] };

const FILES = readdirSync(FOLDER).filter((file) => !OTHERS.includes(file));

test("every driver decodes published frames, and every file of them belongs to a driver", () => {
  for (const { name, decodeFrame } of DRIVERS) assert.ok(decodeFrame, name);
  for (const file of FILES) decoderOf(file.replace(".json", ""));
});

for (const file of FILES) {
  const family = file.replace(".json", "");
  const content = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as readonly Expected[];
  describe(family, () => {
    for (const [i, frame] of framesIn(content).entries()) {
      const { error, ...values } = content[i]?.expected ?? {};
      const fault = OTHERWISE[`${family} ${frame.id}`] ?? error;
      test(`${frame.id} is ${fault === undefined ? "exact" : `refused: ${fault}`}`, async () => {
        const decoded = await decodePublished(frame, decoderOf(family));
        if (fault !== undefined) return assert.deepEqual(decoded, { id: frame.id, ok: false, error: fault });
        assert.ok(decoded.ok, "it is decoded");
        for (const [name, value] of Object.entries(values)) {
          const isDoubted = DOUBTED[`${family} ${frame.id}`]?.includes(name);
          if (isQuantity(name) && !isDoubted) assertNear(decoded.values[name], Number(value), name);
        }
      });
    }
  });
}

/** Equal but for the last digits of a double. */
function assertNear(actual: number | undefined, expected: number, name: string): void {
  assert.ok(actual !== undefined, `${name} is absent instead of ${expected}`);
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${name} is ${actual} instead of ${expected}`,
  );
}

const INFORMATION = "dd03001b1138006200a404b00000276e02820000";
const REST = "0000210e030b020b220b10fc4277";
const JBD: readonly (readonly [about: string, item: object, expected: object])[] = [
  [
    "cells, by their command",
    { command: "04", frame: "dd0400080d660d610d680d59fe3c77" },
    { cell1: 3430, cellmin: 3417 },
  ],
  ["information in two pieces", { command: "03", notifications: [INFORMATION, REST] }, { volts: 44.08, amps: 0.98 }],
  ["a reply by its own register", { frame: "dd0400080d660d610d680d59fe3c77" }, { cell4: 3417 }],
  [
    "by the request, not by the command",
    { command: "03", request: "dda50400fffc77", frame: "dd0400080d660d610d680d59fe3c77" },
    { cell4: 3417 },
  ],
  ["a request", { frame: "dda50400fffc77" }, {}],
  ["a frame of the module", { frame: "ffaa15010016" }, {}],
  ["a damaged reply", { command: "04", frame: "dd0400080d660d610d680d58fe3c77" }, { error: "checksum" }],
  ["a reply without its end", { command: "03", notifications: [INFORMATION] }, { error: "truncated" }],
  ["a refusal", { command: "04", frame: "dd048000ff8077" }, { error: "refused" }],
  [
    "a reply whose register reads as a request",
    { command: "04", frame: "dda500080d660d610d680d59fe3c77" },
    { error: "malformed" },
  ],
  ["stray bytes", { frame: "00" }, { error: "malformed" }],
];
for (const [about, item, expected] of JBD) {
  test(`jbd: ${about}`, async () => {
    const [frame] = framesIn([{ id: about, ...item }]);
    assert.ok(frame);
    const decoded = await decodePublished(frame, decoderOf("jbd"));
    const found = decoded.ok ? decoded.values : { error: decoded.error };
    assert.deepEqual({ ...found, ...expected }, found);
    assert.equal(Object.keys(found).length > 0, Object.keys(expected).length > 0);
  });
}

const SCRIPT = join(import.meta.dirname, "../../../../scripts/tools/decode-frames.ts");
const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["--import", "tsx", SCRIPT, ...args], { encoding: "utf8" });

test("the script prints one line for each frame, in order", async (t) => {
  const file = join(await temporaryFolder(t), "frames.json");
  writeFileSync(
    file,
    JSON.stringify([
      { id: "a", command: "04", frame: "dd 04 00 02 0d 66 ff 8b 77" },
      { id: "b", command: "04", frame: "dd0400020d66" },
    ]),
  );
  const { stdout, status } = run("jbd", file);
  const values = { cell1: 3430, cellmin: 3430, cellmax: 3430, delta: 0, mincell: 1, maxcell: 1 };
  assert.deepEqual(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
    [
      { id: "a", ok: true, values },
      { id: "b", ok: false, error: "truncated" },
    ],
  );
  assert.equal(status, 0);
});

test("wrong use is one line on stderr and exit status 2", async (t) => {
  const file = join(await temporaryFolder(t), "frames.json");
  writeFileSync(file, JSON.stringify([{ id: "a", frame: "xyz" }]));
  for (const [args, message] of [
    [[], /^usage: npm run -s decode-frames -- FAMILY FILE\n$/],
    [["jbd", "/nonexistent"], /ENOENT.*\n$/],
    [["fire", file], /no family fire: choose one of .*\n$/],
    [["jbd", file], /a has bytes that are not hexadecimal digits\n$/],
  ] as const) {
    const { stdout, stderr, status } = run(...args);
    assert.deepEqual({ stdout, status }, { stdout: "", status: 2 });
    assert.match(stderr, message);
  }
});
