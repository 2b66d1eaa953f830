import assert from "node:assert/strict";
import { FrameError } from "../../agent/codec/frame-error.ts";
import type { Description } from "../../agent/drivers/device-session.ts";
import type { DriverSettings } from "../../agent/drivers/driver.ts";
import { RadioError } from "../../agent/radio/radio.ts";
import { isQuantity, type Quantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Fixture } from "./fixture.ts";

/** Outcome of a fixture in its driver. */
export interface Outcome {
  readonly sample?: Sample;
  readonly description?: Description;
  readonly error?: string;
}

export const settingsOf = ({ pin }: Fixture): DriverSettings => (pin === undefined ? {} : { pin });

/** Only the two errors that a driver may throw become an outcome. */
export async function outcomeOf(outcome: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await outcome();
  } catch (error) {
    if (error instanceof FrameError || error instanceof RadioError) return { error: error.fault };
    throw error;
  }
}

export function assertInVocabulary(sample: Sample): void {
  for (const [name, value] of Object.entries(sample)) {
    assert.ok(isQuantity(name), `${name} is in the vocabulary`);
    assert.ok(Number.isFinite(value) && !Object.is(value, -0), `${name} is a number, not ${value}`);
  }
}

/** Each number is the true one: a damaged answer may hide a quantity, and must never change one. */
export function assertNothingElse({ sample = {} }: Outcome, truth: Sample, about: string): void {
  for (const name of Object.keys(sample) as Quantity[]) assert.equal(sample[name], truth[name], `${about}: ${name}`);
}
