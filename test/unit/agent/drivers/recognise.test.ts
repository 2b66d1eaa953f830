import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Driver, Pattern } from "../../../../agent/drivers/driver.ts";
import { matchingDrivers, recognise } from "../../../../agent/drivers/recognise.ts";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import type { Advertisement } from "../../../../agent/radio/radio.ts";
import { advertisementOf, type RecordedAdvertisement } from "../../../../scripts/tools/recognise.ts";
import { FIXTURES } from "../../../support/fixture.ts";

/** Advertisements of some forty families of battery monitors, each with the family that its publisher found. */
const FILE = join(FIXTURES, "advertisements.json");
const RECORDED = JSON.parse(readFileSync(FILE, "utf8")) as (RecordedAdvertisement & { readonly family: string })[];

/** The driver of each family that has one. */
const KINDS: Readonly<Record<string, string>> = {
  ant_bms: "ant",
  ant_leg_bms: "ant",
  buknuwo_bms: "buknuwo",
  daly_bms: "daly",
  ecoworthy_bms: "ecoworthy",
  eg4_bms: "eg4",
  eleksol_bms: "jbd",
  gobel_bms: "gobel",
  jbd_bms: "jbd",
  jikong_bms: "jk",
  lipower_bms: "lipower",
  pylontech_bms: "pylontech",
  redodo_bms: "litime",
  renogy_bms: "renogy",
  renogy_pro_bms: "renogy-pro",
  vatrer_bms: "vatrer",
};

/** Advertisements of families with a driver that a stranger may send as well, by id, and the reason. */
const AMBIGUOUS: Readonly<Record<string, string>> = {};

describe("recorded advertisements", () => {
  const names = DRIVERS.map(({ name }) => name);
  for (const entry of RECORDED) {
    const reason = AMBIGUOUS[entry.id];
    const kind = names.find((name) => name === KINDS[entry.family] && reason === undefined);
    const about = kind ? `claimed by ${kind} alone` : "not claimed by any driver";
    test(`${entry.id} is ${about}${reason === undefined ? "" : `: ${reason}`}`, () => {
      const claiming = DRIVERS.filter((driver) => recognise(advertisementOf(entry), [driver]));
      assert.deepEqual(
        claiming.map(({ name }) => name),
        kind ? [kind] : [],
      );
    });
  }

  test("no other advertisement is called ambiguous", () => {
    const known = RECORDED.filter(({ family }) => KINDS[family] !== undefined).map(({ id }) => id);
    assert.deepEqual(
      Object.keys(AMBIGUOUS).filter((id) => !known.includes(id)),
      [],
    );
  });

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
      const { driver, confidence = null, why = null } = recognise(advertisementOf(entry)) ?? {};
      assert.deepEqual(lines[i], { id: entry.id, kind: driver?.name ?? null, confidence, why });
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

const advertised = (company: number, hex: string) => new Map([[company, Uint8Array.from(Buffer.from(hex, "hex"))]]);

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
    ["FFF0 alone", { services: ["fff0"] }, undefined],
    ["a Daly by its name and FF00", { services: ["ff00"], name: "DL-401710015C9B" }, "daly likely"],
    ["a Daly by its name alone", { name: "DL-401710015C9B" }, undefined],
    [
      "a Daly whose owner has named it",
      { name: "Boat", address: "40:17:10:01:5C:9B", manufacturerData: advertised(0x0302, "16401710015c9b444c") },
      "daly certain",
    ],
    [
      "its company with other data",
      { name: "Boat", manufacturerData: advertised(0x0302, "16401710015c9b4e4f") },
      undefined,
    ],
    [
      "a LiTime pack",
      {
        services: ["ffe0"],
        name: "L-12100BNNA70-A09683",
        address: "C8:47:80:15:DE:04",
        manufacturerData: advertised(0x585a, "c8478015de04"),
      },
      "litime certain",
    ],
    [
      "an inverter with the module of LiTime",
      {
        services: ["ffe0"],
        name: "BT-ROCC2440",
        address: "C8:47:80:15:DE:04",
        manufacturerData: advertised(0x585a, "c8478015de04"),
      },
      undefined,
    ],
  ] as const) {
    test(about, () => {
      const found = recognise({ ...NOBODY, ...heard });
      assert.equal(found && `${found.driver.name} ${found.confidence}`, expected);
    });
  }
});

describe("patterns", () => {
  const driver = (name: string, ...identify: Pattern[]): Driver => ({ name, about: "", identify });
  const reasonOf = (pattern: Omit<Pattern, "confidence">, seen: Partial<Advertisement>) =>
    recognise({ ...NOBODY, ...seen }, [driver("any", { confidence: "likely", ...pattern })])?.why;

  for (const [about, pattern, seen, why] of [
    ["one of its services", { services: ["fff0", "ff00"] }, { services: ["180a", "ff00"] }, "service FF00"],
    ["another service", { services: ["ff00"] }, { services: ["ff06"] }, undefined],
    ["a prefix of its address", { addressPrefixes: ["C0:00"] }, {}, "address C0:00"],
    ["half a byte of its address", { addressPrefixes: ["C"] }, {}, undefined],
    ["a name", { names: ["DL-??", "SX1*"] }, { name: "SX1-100" }, "name SX1*"],
    ["a name that is longer", { names: ["DL-??"] }, { name: "DL-123" }, undefined],
    ["a dot, which is not a wildcard", { names: ["A.B"] }, { name: "AxB" }, undefined],
    [
      "a company",
      { companies: [0x02e1] },
      { manufacturerData: new Map([[0x02e1, Uint8Array.of(16)]]) },
      "company 0x02E1",
    ],
    [
      "a beginning of the manufacturer data",
      { manufacturerDataPrefixes: ["0B65 88a0", "02E1 10"] },
      { manufacturerData: new Map([[0x02e1, Uint8Array.of(0x10, 2)]]) },
      "manufacturer data 02E1 10",
    ],
    [
      "another beginning of it",
      { manufacturerDataPrefixes: ["02E1 10"] },
      { manufacturerData: new Map([[0x02e1, Uint8Array.of(2, 0x10)]]) },
      undefined,
    ],
    [
      "any digits in it",
      { manufacturerDataPrefixes: ["0302 ????444c"] },
      { manufacturerData: new Map([[0x0302, Uint8Array.of(1, 2, 0x44, 0x4c, 0)]]) },
      "manufacturer data 0302 ????444c",
    ],
    [
      "other digits behind any",
      { manufacturerDataPrefixes: ["0302 ????444c"] },
      { manufacturerData: new Map([[0x0302, Uint8Array.of(0x44, 0x4c, 0, 0)]]) },
      undefined,
    ],
    [
      "another company's beginning",
      { manufacturerDataPrefixes: ["02E1 10"] },
      { manufacturerData: new Map([[0x02e2, Uint8Array.of(0x10)]]) },
      undefined,
    ],
    [
      "its own address forwards",
      { addressInManufacturerData: true },
      { manufacturerData: new Map([[0x00c0, Uint8Array.of(0, 0, 0, 1, 9)]]) },
      "manufacturer data with its address",
    ],
    [
      "its own address backwards",
      { addressInManufacturerData: true },
      { manufacturerData: new Map([[0x0001, Uint8Array.of(0, 0, 0, 0xc0)]]) },
      "manufacturer data with its address",
    ],
    [
      "another address",
      { addressInManufacturerData: true },
      { manufacturerData: new Map([[0x0001, Uint8Array.of(0, 0, 1, 0xc0)]]) },
      undefined,
    ],
    [
      "two conditions",
      { services: ["ff00"], names: ["A*"] },
      { services: ["ff00"], name: "A" },
      "service FF00 and name A*",
    ],
    ["one condition of two", { services: ["ff00"], names: ["A*"] }, { services: ["ff00"], name: "B" }, undefined],
  ] as const) {
    test(about, () => assert.equal(reasonOf(pattern, seen as Partial<Advertisement>), why));
  }

  test("the surest pattern counts, and the surest driver is first; what is only possible is not recognised", () => {
    const services = ["ff00"];
    const possible = driver("possible", { confidence: "possible", services });
    const likely = driver("likely", { confidence: "likely", services });
    const certain = driver("certain", { confidence: "likely", services }, { confidence: "certain", services });
    const seen = { ...NOBODY, services };
    assert.deepEqual(
      matchingDrivers([possible, likely, certain], seen).map((one) => `${one.driver.name} ${one.confidence}`),
      ["certain certain", "likely likely", "possible possible"],
    );
    assert.equal(recognise(seen, [possible]), undefined);
  });
});
