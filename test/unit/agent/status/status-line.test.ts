import assert from "node:assert/strict";
import { test } from "node:test";
import { formatServiceStatus, parseServiceStatus } from "../../../../agent/status/status-line.ts";
import { fc } from "../../../support/property.ts";

test("the line reads well", () => {
  const status = { state: "connected", readings: 8412, backlog: 0, lastAt: Date.UTC(2026, 0, 2, 3, 4, 5) };
  assert.equal(formatServiceStatus(status), "connected, 8,412 readings, backlog 0, last 2026-01-02T03:04:05Z");
});

test("what is written is read again, whatever the reason for silence says", () => {
  const lastAt = fc.option(
    fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000),
    { nil: undefined },
  );
  const state = fc
    .oneof(fc.string(), fc.constant("no answer, 3 readings, backlog 7"))
    .filter((text) => !/[\r\n\u2028\u2029]/.test(text));
  fc.assert(
    fc.property(
      fc.record({ state, readings: fc.nat(), backlog: fc.nat(), lastAt }, { noNullPrototype: true }),
      (status) => assert.deepEqual(parseServiceStatus(formatServiceStatus(status)), status),
    ),
  );
});

for (const line of ["", "connecting to A4:C1:37:00:00:01", "waiting 4 s: the last 4 runs ended within ten minutes"]) {
  test(`no counts are read from "${line}"`, () => assert.equal(parseServiceStatus(line), undefined));
}
