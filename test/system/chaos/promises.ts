import type { Promises } from "../../support/proof/excuse.ts";
import { SETTLE_S } from "./stage.ts";

/** What the README states for the stage's settings, with what a busy machine adds. */
export const PROMISES: Promises = {
  settledWithinMs: SETTLE_S * 1000 + 5_000,
  spooledWithinMs: 10_000 + 2_000,
  stuckWithinMs: 10_000 + 3_000,
};
