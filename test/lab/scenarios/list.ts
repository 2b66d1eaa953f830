import type { Scenario } from "../guest/scenario.ts";
import { BENCH } from "./bench.ts";

/** Every scenario, in the order in which a whole run takes them. */
export const SCENARIOS: readonly Scenario[] = [BENCH];
