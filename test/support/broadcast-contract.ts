import assert from "node:assert/strict";
import { test } from "node:test";
import type { Driver } from "../../agent/drivers/driver.ts";
import type { Advertisement } from "../../agent/radio/radio.ts";
import { assertInVocabulary, assertNothingElse, type Outcome, outcomeOf, settingsOf } from "./driver-outcome.ts";
import { type Fixture, recordedAdvertisement } from "./fixture.ts";
import { fc } from "./property.ts";

/** Decodes an advertisement; an empty outcome where it carries no values. */
function decode(driver: Driver, fixture: Fixture, advertisement: Advertisement): Promise<Outcome> {
  return outcomeOf(async () => {
    assert.ok(driver.decodeAdvertisement, "a driver with fixtures of advertisements alone has decodeAdvertisement");
    const sample = driver.decodeAdvertisement(advertisement, settingsOf(fixture));
    assertInVocabulary(sample ?? {});
    return { ...(sample && { sample }) };
  });
}

/** The part of the contract for drivers that decode advertisements. */
export function broadcastContract(driver: Driver, fixtures: readonly Fixture[]) {
  const decodable = fixtures.flatMap((fixture) => {
    const advertisement = recordedAdvertisement(fixture);
    return advertisement ? [{ fixture, advertisement }] : [];
  });

  for (const { fixture, advertisement } of decodable) {
    test(`${fixture.name}: ${fixture.about ?? "as it was published"}`, async () => {
      const { sample, error } = fixture.expect;
      assert.deepEqual(await decode(driver, fixture, advertisement), sample ? { sample } : { error });
    });
  }

  test("an advertisement whose payload ends early, at any byte, gives no other number", async () => {
    for (const { fixture, advertisement } of decodable) {
      for (const [company, payload] of advertisement.manufacturerData) {
        for (let length = 0; length < payload.length; length++) {
          const manufacturerData = new Map([...advertisement.manufacturerData, [company, payload.slice(0, length)]]);
          const outcome = await decode(driver, fixture, { ...advertisement, manufacturerData });
          assertNothingElse(outcome, fixture.expect.sample ?? {}, `${fixture.name}, ${length} bytes`);
        }
      }
    }
  });

  test("arbitrary payloads end in a FrameError, in nothing, or in quantities of the vocabulary", async () => {
    const advertised = fc.record({
      sample: fc.constantFrom(...decodable),
      payload: fc.uint8Array({ maxLength: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(advertised, async ({ sample: { fixture, advertisement }, payload }) => {
        const companies = [...advertisement.manufacturerData.keys()];
        const manufacturerData = new Map(companies.map((company) => [company, payload]));
        await decode(driver, fixture, { ...advertisement, manufacturerData });
      }),
      { numRuns: 300 },
    );
  });
}
