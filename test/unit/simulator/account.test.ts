import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOf } from "../../../simulator/account.ts";

const HOUR_MS = 3_600_000;

function assertAccount(actual: ReturnType<typeof accountOf>, expected: Partial<ReturnType<typeof accountOf>>) {
  for (const [key, value] of Object.entries({
    chargedWh: 0,
    dischargedWh: 0,
    chargedAh: 0,
    dischargedAh: 0,
    ...expected,
  })) {
    const found = actual[key as keyof typeof actual];
    assert.ok(Math.abs(found - value) < 1e-6, `${key}: ${found}, expected ${value}`);
  }
}

test("a constant flow", () => {
  const span = { from: 0, to: HOUR_MS, stepMs: 1_000 };
  assertAccount(
    accountOf(() => ({ volts: 13, amps: 10 }), span),
    { chargedWh: 130, chargedAh: 10 },
  );
  assertAccount(
    accountOf(() => ({ volts: 13, amps: -10 }), span),
    { dischargedWh: 130, dischargedAh: 10 },
  );
});

test("both directions, from the middle of each step", () => {
  const flowAt = (ms: number) => ({ volts: 12, amps: (10 * (ms - HOUR_MS)) / HOUR_MS });
  assertAccount(accountOf(flowAt, { from: 0, to: 2 * HOUR_MS, stepMs: 1_000 }), {
    ...{ chargedWh: 60, dischargedWh: 60, chargedAh: 5, dischargedAh: 5 },
  });
});

test("the last step is as long as what is left", () => {
  const span = { from: 0, to: HOUR_MS / 2, stepMs: HOUR_MS };
  assertAccount(
    accountOf(() => ({ volts: 13, amps: 10 }), span),
    { chargedWh: 65, chargedAh: 5 },
  );
});
