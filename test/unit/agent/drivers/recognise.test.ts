import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { recogniseKind } from "../../../../agent/drivers/recognise.ts";
import type { Advertisement } from "../../../../agent/radio/radio.ts";
import { heardAs, type RecordedAdvertisement } from "../../../../scripts/tools/recognise.ts";
import { FIXTURES } from "../../../support/fixture.ts";

/** Advertisements of some forty families of battery monitors, each with the family that its publisher found. */
const FILE = join(FIXTURES, "advertisements.json");
const RECORDED = JSON.parse(readFileSync(FILE, "utf8")) as (RecordedAdvertisement & { readonly family: string })[];

/** Families that speak a driver's protocol; all others belong to nobody here. */
const KINDS: Readonly<Record<string, string>> = { jbd_bms: "jbd", eleksol_bms: "jbd" };

describe("recorded advertisements", () => {
  for (const entry of RECORDED) {
    const kind = KINDS[entry.family];
    test(`${entry.id} is ${kind ?? "nothing we know"}`, () => {
      assert.equal(recogniseKind(heardAs(entry))?.kind, kind);
    });
  }

  test("the script prints one line for each, in order", () => {
    const script = join(import.meta.dirname, "../../../../scripts/tools/recognise.ts");
    const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", script, FILE], { encoding: "utf8" });
    assert.equal(status, 0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    assert.equal(lines.length, RECORDED.length);
    for (const [i, entry] of RECORDED.entries()) {
      const { kind = null, confidence = null, why = null } = recogniseKind(heardAs(entry)) ?? {};
      assert.deepEqual(lines[i], { id: entry.id, kind, confidence, why });
    }
  });
});

const NOBODY: Advertisement = {
  address: "C0:00:00:00:00:01",
  addressType: "random",
  name: "",
  rssi: -60,
  services: [],
  manufacturerData: new Map(),
};

describe("made advertisements", () => {
  for (const [about, heard, expected] of [
    ["nothing", {}, undefined],
    ["FF00 alone", { services: ["ff00"] }, undefined],
    ["a maker's address without the service", { address: "A5:C2:37:00:00:01" }, undefined],
    ["a name like a JBD's without the service", { name: "JBD-SP04S034" }, undefined],
    ["FF00 and a maker's address", { services: ["ff00"], address: "A5:C2:37:00:00:01" }, "jbd certain"],
    ["FF00 and the chip's address", { services: ["ff00"], address: "A4:C1:38:00:00:01" }, "jbd likely"],
    ["FF00 and a name", { services: ["ff00"], name: "xiaoxiang BMS" }, "jbd likely"],
    ["a Daren clone", { services: ["ff00"], name: "DWF123" }, "jbd likely"],
    ["a name that only contains a brand's", { services: ["ff00"], name: "not JBD-1" }, undefined],
    ["PowerMon v1", { services: ["7a95ce00-0ea8-1bcc-71a2-fc7539b81c9c"] }, "thornwave certain"],
    ["PowerMon v2", { services: ["ec7c0000-2c7b-1539-172f-29d041beab3e"] }, "thornwave certain"],
    ["Thornwave's company alone", { manufacturerData: new Map([[0x04c9, Uint8Array.of(1)]]) }, "thornwave likely"],
    ["a Thornwave by a user's name", { name: "Thornwave" }, undefined],
  ] as const) {
    test(about, () => {
      const found = recogniseKind({ ...NOBODY, ...heard });
      assert.equal(found && `${found.kind} ${found.confidence}`, expected);
    });
  }
});
