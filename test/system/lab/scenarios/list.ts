import type { Scenario } from "../guest/scenario.ts";
import { BENCH } from "./bench.ts";
import { COLD_START } from "./cold-start.ts";
import { CROWD } from "./crowd.ts";
import { FAULTS } from "./faults.ts";
import { KILLS } from "./kills.ts";
import { PAIRING } from "./pairing.ts";
import { POWER_CYCLE } from "./power-cycle.ts";
import { RAW_HCI } from "./raw-hci.ts";
import { READINGS } from "./readings.ts";
import { RIVALS } from "./rivals.ts";
import { SERVICES } from "./services.ts";

/** Every scenario, in the order in which a whole run takes them. */
export const SCENARIOS: readonly Scenario[] = [
  BENCH,
  READINGS,
  COLD_START,
  KILLS,
  CROWD,
  FAULTS,
  SERVICES,
  POWER_CYCLE,
  PAIRING,
  RIVALS,
  RAW_HCI,
];
