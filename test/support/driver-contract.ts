import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Direction, Driver } from "../../agent/drivers/driver.ts";
import { recognise } from "../../agent/drivers/recognise.ts";
import { DRIVERS } from "../../agent/drivers/registry.ts";
import { broadcastContract } from "./broadcast-contract.ts";
import { assertInVocabulary, assertNothingElse, type Outcome, outcomeOf, settingsOf } from "./driver-outcome.ts";
import { exchangesOf, type Fixture, fixturesOf, recordedAdvertisement } from "./fixture.ts";
import {
  cutAt,
  doubled,
  faultyScript,
  flippedAt,
  glued,
  gluedBehind,
  isSteady,
  longestAnswer,
  mixedWith,
  type NotificationFault,
  shapeOf,
  singleBytes,
  truncatedAt,
  withoutPiece,
} from "./notification-faults.ts";
import { fc } from "./property.ts";
import { type Script, scriptedLink, scriptOf } from "./scripted-link.ts";

/** Opens a session on a scripted device and calls it once. */
function ask(driver: Driver, fixture: Fixture, script: Script, method: "poll" | "describe"): Promise<Outcome> {
  return outcomeOf(async () => {
    assert.ok(driver.open, "a driver with fixtures of links has open");
    const session = await driver.open(scriptedLink(fixture, script), settingsOf(fixture));
    if (method === "describe") return { description: await session.describe() };
    const sample = await session.poll();
    assertInVocabulary(sample);
    return { sample };
  });
}

const STRAYS: readonly (readonly [about: string, hex: string])[] = [
  ["a lone 00", "00"],
  ["a broadcast of 64 bytes", `0251${"a55a0c".repeat(20)}1177`],
  ["an acknowledgement of the Bluetooth module", "ffaa070007"],
  ["another register's answer", "dd060000000077"],
  ["a start with an absurd length", "dd0300ff"],
  ["noise", "9f13dd00dd04c8"],
];
const sumOf = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0);
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

/** The contract of one driver, tried with each of its fixtures. */
function driverContract(driver: Driver) {
  const all = fixturesOf(driver.name);
  const fixtures = all.filter(({ link }) => link);
  const broadcasts = all.filter(({ link }) => !link);
  const truthful = fixtures.filter((fixture) => fixture.expect.sample && isSteady(fixture));
  const notified = truthful.filter((fixture) => exchangesOf(fixture).every(({ op }) => op !== "read"));

  const oneOfEachShape = (some: readonly Fixture[]) => [
    ...new Map(some.map((fixture) => [shapeOf(fixture), fixture])).values(),
  ];

  /** Each of these must change nothing. */
  async function unmoved(
    some: readonly Fixture[],
    faults: (fixture: Fixture) => readonly (readonly [string, NotificationFault])[],
    when?: "first",
  ) {
    for (const fixture of some) {
      for (const [about, fault] of faults(fixture)) {
        const outcome = await ask(driver, fixture, faultyScript(fixture, fault, when), "poll");
        assert.deepEqual(outcome, { sample: fixture.expect.sample }, `${fixture.name}, ${about}`);
      }
    }
  }
  const everyByte = (fixture: Fixture, fault: (at: number) => NotificationFault, about: string) =>
    Array.from({ length: longestAnswer(fixture).bytes }, (_, at) => [`${about} ${at}`, fault(at)] as const);

  describe(driver.name, () => {
    test("it connects or listens, is recognised somehow, and has a fixture for what it does", () => {
      assert.ok(driver.identify.length > 0);
      assert.ok(driver.open ?? driver.decodeAdvertisement);
      if (driver.open) assert.ok(truthful.length > 0, "a fixture with a link and the sample of its first poll");
      if (driver.decodeAdvertisement) {
        const decoded = broadcasts.filter(({ expect }) => expect.sample);
        assert.ok(decoded.length > 0, "a fixture with an advertisement, no link, and its sample");
      }
    });

    test("names of fixtures are unique, and each has an origin, a source and an expectation", () => {
      const names = all.map(({ name }) => name);
      assert.deepEqual(
        names.filter((name, i) => names.indexOf(name) !== i),
        [],
      );
      for (const { name, origin, source, expect, link, advertisement } of all) {
        assert.ok(["recorded", "derived", "unknown"].includes(origin) && source.length > 10, name);
        assert.ok(expect.sample ?? expect.description ?? expect.error, name);
        assert.ok(link ?? advertisement, name);
      }
    });

    for (const fixture of all) {
      const advertisement = recordedAdvertisement(fixture);
      if (!advertisement) continue;
      test(`${fixture.name}: it alone recognises the advertisement`, () => {
        const claiming = DRIVERS.filter((one) => recognise(advertisement, [one]));
        assert.deepEqual(
          claiming.map(({ name }) => name),
          [driver.name],
        );
      });
    }

    test("redacting twice changes nothing more, and keeps the length", () => {
      const redact = (direction: Direction, bytes: Uint8Array) => driver.redactor?.()(direction, bytes) ?? bytes;
      const assertStable = (direction: Direction, bytes: Uint8Array) => {
        const once = redact(direction, bytes);
        assert.equal(once.length, bytes.length);
        assert.deepEqual(redact(direction, once), once);
      };
      for (const { bytes, answers } of fixtures.flatMap(exchangesOf)) {
        assertStable("sent", bytes);
        for (const answer of answers) assertStable("received", answer);
      }
    });

    if (broadcasts.length > 0) broadcastContract(driver, broadcasts);
    if (fixtures.length === 0) return;

    for (const fixture of fixtures) {
      test(`${fixture.name}: ${fixture.about ?? "as it was published"}`, async () => {
        const { sample, description, error } = fixture.expect;
        const script = scriptOf(exchangesOf(fixture));
        if (description) assert.deepEqual(await ask(driver, fixture, script, "describe"), { description });
        if (sample) assert.deepEqual(await ask(driver, fixture, script, "poll"), { sample });
        if (error) assert.deepEqual(await ask(driver, fixture, script, "poll"), { error });
      });
    }

    test("notifications may be cut before any byte", () =>
      unmoved(oneOfEachShape(notified), (fixture) => everyByte(fixture, cutAt, "cut at")));

    test("notifications may come as single bytes, or as one", () =>
      unmoved(notified, () => [
        ["single bytes", singleBytes],
        ["glued", glued],
      ]));

    test("notifications may come twice", () => unmoved(notified, () => [["doubled", doubled]]));

    test("stray bytes may come before, between and after, or be glued in front", () =>
      unmoved(notified, () =>
        STRAYS.flatMap(([about, hex]) => [
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
        for (const [about, fault] of everyByte(fixture, truncatedAt, "truncated at")) {
          const outcome = await ask(driver, fixture, faultyScript(fixture, fault), "poll");
          assertNothingElse(outcome, truth, `${fixture.name}, ${about}`);
        }
        const mute = await ask(driver, fixture, faultyScript(fixture, truncatedAt(0)), "poll");
        assert.ok(mute.error !== undefined, `${fixture.name}: no answer, no sample`);
      }
    });

    test("arbitrary bytes end in a FrameError or RadioError, or in quantities of the vocabulary", async () => {
      const [{ services } = { services: [] }] = truthful;
      const device: Fixture = { name: "", origin: "derived", source: "", services, expect: {} };
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

    test("arbitrary bytes in place of a part of an answer give no other number, or an error", async () => {
      const change = fc.record({
        fixture: fc.constantFrom(...truthful),
        at: fc.nat(80),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(change, async ({ fixture, at, bytes }) => {
          const replaced: NotificationFault = ([first = new Uint8Array(), ...later]) => {
            const end = at + bytes.length;
            // Bytes of the same sum pass an additive checksum, which may be a single byte: test/fuzz compares those.
            fc.pre((sumOf(bytes) - sumOf(first.slice(at, end))) % 256 !== 0);
            return [Uint8Array.from([...first.slice(0, at), ...bytes, ...first.slice(end)]), ...later];
          };
          const outcome = await ask(driver, fixture, faultyScript(fixture, replaced), "poll");
          if (exchangesOf(fixture).every(({ op }) => op !== "read")) {
            assertNothingElse(outcome, fixture.expect.sample ?? {}, fixture.name);
          }
        }),
        { numRuns: 500 },
      );
    });

    test("notifications from before a request do not answer it", async () => {
      for (const fixture of notified) {
        const old = exchangesOf(fixture).flatMap(({ answers }) => answers);
        const script: Script = ({ op }) => (op === "subscribe" ? old.map((bytes) => ({ bytes, afterMs: 0 })) : []);
        const outcome = await ask(driver, fixture, script, "poll");
        assert.ok(outcome.sample === undefined, fixture.name);
      }
    });
  });
}

/** The contract of every third driver of the registry, from this one on. */
export function contractOfEveryThird(first: number) {
  for (const driver of DRIVERS.filter((_, i) => i % 3 === first)) driverContract(driver);
}
