import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { thornwave } from "../../../../../agent/drivers/thornwave/thornwave.ts";
import { exchangesOf, fixturesOf } from "../../../../support/fixture.ts";
import { scriptedLink, scriptOf } from "../../../../support/scripted-link.ts";

/** The requests that a poll of this fixture makes, and how it ends. */
async function polled(name: string): Promise<{ ops: string[]; error?: string }> {
  const fixture = fixturesOf("thornwave").find((one) => one.name === name);
  assert.ok(fixture, name);
  const link = scriptedLink(fixture, scriptOf(exchangesOf(fixture)));
  const session = await thornwave.open(link);
  const error = await session.poll().then(
    () => undefined,
    (failure: Error) => failure.message,
  );
  return { ops: link.requests.map(({ op }) => op), ...(error !== undefined && { error }) };
}

describe("reading", () => {
  for (const [name, reads] of [
    ["v1-2022-07-18", 1],
    ["v2-2022-07-18", 1],
    ["v1-torn-once", 2],
    ["v2-torn-once", 2],
  ] as const) {
    test(`${name}: ${reads} ${reads === 1 ? "read" : "reads"} and nothing written`, async () => {
      assert.deepEqual(await polled(name), { ops: Array(reads).fill("read") });
    });
  }

  test("a value that is torn twice is not read a third time, and is reported with its numbers", async () => {
    const { ops, error } = await polled("v1-torn-twice");
    assert.equal(ops.length, 2);
    assert.match(error ?? "", /torn: -4\.47\d* W is not 12 V times -0\.33\d* A, as under a load that pulsates/);
  });

  test("after silence the value is not read again", async () => assert.equal((await polled("silent")).ops.length, 1));
});
