import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { FrameError } from "../../../../agent/codec/frame-error.ts";
import type { Description } from "../../../../agent/drivers/device-session.ts";
import type { Driver } from "../../../../agent/drivers/driver.ts";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import { isQuantity, type Quantity } from "../../../../common/model/quantities.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { exchangesOf, FIXTURES, type Fixture, fixturesOf } from "../../../support/fixture.ts";
import {
  cutAt,
  doubled,
  flippedAt,
  glued,
  gluedBehind,
  isSteady,
  longestAnswer,
  type Mangle,
  mangledScript,
  mixedWith,
  shapeOf,
  singleBytes,
  truncatedAt,
  withoutPiece,
} from "../../../support/mangle.ts";
import { fc } from "../../../support/property.ts";
import { type Script, scriptedLink, scriptOf } from "../../../support/scripted-link.ts";

/*
 * What every driver owes: it walks the registry and the fixtures, and knows no driver by name. A device is added with
 * a driver, a line in the registry and a fixture.
 */

interface Outcome {
  readonly sample?: Sample;
  readonly description?: Description;
  readonly error?: string;
}

/** Opens and asks; only the two errors that a driver may throw become an outcome. */
async function ask(driver: Driver, fixture: Fixture, script: Script, what: "poll" | "describe"): Promise<Outcome> {
  const link = scriptedLink(fixture, script);
  try {
    assert.ok(driver.open);
    const session = await driver.open(link, fixture.pin === undefined ? {} : { pin: fixture.pin });
    if (what === "describe") return { description: await session.describe() };
    const sample = await session.poll();
    assertHonest(sample);
    return { sample };
  } catch (error) {
    if (error instanceof FrameError || error instanceof RadioError) return { error: error.fault };
    throw error;
  }
}

function assertHonest(sample: Sample): void {
  for (const [name, value] of Object.entries(sample)) {
    assert.ok(isQuantity(name), `${name} is in the vocabulary`);
    assert.ok(Number.isFinite(value) && !Object.is(value, -0), `${name} is a number, not ${value}`);
  }
}

/** A part of the truth, or nothing: what a device said badly must never become another number. */
function assertNothingElse({ sample = {} }: Outcome, truth: Sample, about: string): void {
  for (const name of Object.keys(sample) as Quantity[]) assert.equal(sample[name], truth[name], `${about}: ${name}`);
}

const STRANGERS: readonly (readonly [about: string, hex: string])[] = [
  ["a lone 00", "00"],
  ["a broadcast of 64 bytes", `0251${"a55a0c".repeat(20)}1177`],
  ["an acknowledgement of the Bluetooth module", "ffaa070007"],
  ["another register's answer", "dd060000000077"],
  ["a start with an absurd length", "dd0300ff"],
  ["noise", "9f13dd00dd04c8"],
];
const sumOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0);
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

test("every driver has fixtures, and every folder of fixtures a driver", () => {
  const corpora = ["captures", "frames"];
  const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const named = folders.map(({ name }) => name).filter((name) => !corpora.includes(name));
  assert.deepEqual(named.sort(), DRIVERS.map(({ name }) => name).sort());
});

for (const driver of DRIVERS) {
  const fixtures = fixturesOf(driver.name);
  const truthful = fixtures.filter((fixture) => fixture.expect.sample && isSteady(fixture));
  const notified = truthful.filter((fixture) => exchangesOf(fixture).every(({ op }) => op !== "read"));

  const oneOfEachShape = (some: readonly Fixture[]) => [
    ...new Map(some.map((fixture) => [shapeOf(fixture), fixture])).values(),
  ];

  /** Each of these must change nothing. */
  async function unmoved(
    some: readonly Fixture[],
    mangles: (fixture: Fixture) => readonly (readonly [string, Mangle])[],
    when?: "first",
  ) {
    for (const fixture of some) {
      for (const [about, mangle] of mangles(fixture)) {
        const outcome = await ask(driver, fixture, mangledScript(fixture, mangle, when), "poll");
        assert.deepEqual(outcome, { sample: fixture.expect.sample }, `${fixture.name}, ${about}`);
      }
    }
  }
  const everyByte = (fixture: Fixture, mangle: (at: number) => Mangle, about: string) =>
    Array.from({ length: longestAnswer(fixture).bytes }, (_, at) => [`${about} ${at}`, mangle(at)] as const);

  describe(driver.name, () => {
    for (const fixture of fixtures) {
      test(`${fixture.name}: ${fixture.about ?? "as it was published"}`, async () => {
        const { sample, description, error } = fixture.expect;
        assert.ok(sample ?? description ?? error, "the fixture expects something");
        const script = scriptOf(exchangesOf(fixture));
        if (description) assert.deepEqual(await ask(driver, fixture, script, "describe"), { description });
        if (sample) assert.deepEqual(await ask(driver, fixture, script, "poll"), { sample });
        if (error) assert.deepEqual(await ask(driver, fixture, script, "poll"), { error });
      });
    }

    test("names of fixtures are unique, and each says where it is from", () => {
      const names = fixtures.map(({ name }) => name);
      assert.deepEqual(
        names.filter((name, i) => names.indexOf(name) !== i),
        [],
      );
      for (const { name, origin, source } of fixtures) {
        assert.ok(["recorded", "derived", "unknown"].includes(origin) && source.length > 10, name);
      }
    });

    test("notifications may be cut before any byte, or into single bytes, or be one", () =>
      unmoved(notified, (fixture) => [
        ...everyByte(fixture, cutAt, "cut at"),
        ["single bytes", singleBytes],
        ["glued", glued],
      ]));

    test("notifications may come twice", () => unmoved(notified, () => [["doubled", doubled]]));

    test("strangers may talk before, between and behind, or be glued in front", () =>
      unmoved(notified, () =>
        STRANGERS.flatMap(([about, hex]) => [
          [`with ${about}`, mixedWith(bytesOf(hex))],
          [`glued behind ${about}`, gluedBehind(bytesOf(hex))],
        ]),
      ));

    test("a request, or any piece of an answer, may be lost once", () =>
      unmoved(
        notified,
        (fixture) => [
          ["all is lost", () => []],
          ...Array.from(
            { length: longestAnswer(fixture).pieces },
            (_, i) => [`piece ${i + 1} is lost`, withoutPiece(i)] as const,
          ),
        ],
        "first",
      ));

    test("a bit may flip once in any byte", () =>
      unmoved(oneOfEachShape(notified), (fixture) => everyByte(fixture, flippedAt, "a bit flips in byte"), "first"));

    test("an answer that always ends early, at any byte, gives no other number", async () => {
      for (const fixture of oneOfEachShape(truthful)) {
        const truth = fixture.expect.sample ?? {};
        for (const [about, mangle] of everyByte(fixture, truncatedAt, "truncated at")) {
          const outcome = await ask(driver, fixture, mangledScript(fixture, mangle), "poll");
          assertNothingElse(outcome, truth, `${fixture.name}, ${about}`);
        }
        const mute = await ask(driver, fixture, mangledScript(fixture, truncatedAt(0)), "poll");
        assert.ok(mute.error !== undefined, `${fixture.name}: no answer, no sample`);
      }
    });

    test("arbitrary bytes are refused by name, and nothing they say is outside of the vocabulary", async () => {
      const [{ services } = { services: [] }] = truthful;
      const device: Fixture = { name: "", origin: "derived", source: "", services, link: [], expect: {} };
      const pieces = fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(pieces, async (answers) => {
          const script: Script = () => answers.map((bytes) => ({ bytes }));
          await ask(driver, device, script, "poll");
          await ask(driver, device, script, "describe");
        }),
        { numRuns: 300 },
      );
    });

    test("arbitrary bytes in place of a part of an answer give no other number, or are refused", async () => {
      const change = fc.record({
        fixture: fc.constantFrom(...truthful),
        at: fc.nat(80),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(change, async ({ fixture, at, bytes }) => {
          const replaced: Mangle = ([first = new Uint8Array(), ...later]) => {
            const end = at + bytes.length;
            // What keeps the sum of the bytes is a true answer to an additive checksum: fuzz/ compares those.
            fc.pre(sumOf(bytes) !== sumOf(first.slice(at, end)));
            return [Uint8Array.from([...first.slice(0, at), ...bytes, ...first.slice(end)]), ...later];
          };
          const outcome = await ask(driver, fixture, mangledScript(fixture, replaced), "poll");
          if (exchangesOf(fixture).every(({ op }) => op !== "read")) {
            assertNothingElse(outcome, fixture.expect.sample ?? {}, fixture.name);
          }
        }),
        { numRuns: 500 },
      );
    });

    test("what was notified before is no answer", async () => {
      for (const fixture of notified) {
        const old = exchangesOf(fixture).flatMap(({ answers }) => answers);
        const script: Script = ({ op }) => (op === "subscribe" ? old.map((bytes) => ({ bytes, afterMs: 0 })) : []);
        const outcome = await ask(driver, fixture, script, "poll");
        assert.ok(outcome.sample === undefined, fixture.name);
      }
    });
  });
}
