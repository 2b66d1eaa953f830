import type { Scenario } from "../guest/environment.ts";
import { ADAPTER } from "./adapter.ts";
import { COLD_START } from "./cold-start.ts";
import { CONFLICTS } from "./conflicts.ts";
import { CONTENTION } from "./contention.ts";
import { FAMILIES_SCENARIO } from "./families.ts";
import { FAULTS } from "./faults.ts";
import { KILLS } from "./kills.ts";
import { LISTENING_SCENARIO } from "./listening.ts";
import { PAIRING } from "./pairing.ts";
import { RAW_HCI } from "./raw-hci.ts";
import { READINGS } from "./readings.ts";
import { SERVICES } from "./services.ts";
import { SETTINGS } from "./settings.ts";

/** All scenarios in their order. */
export const SCENARIOS: readonly Scenario[] = [
  ADAPTER,
  READINGS,
  COLD_START,
  KILLS,
  CONTENTION,
  LISTENING_SCENARIO,
  FAMILIES_SCENARIO,
  FAULTS,
  SERVICES,
  PAIRING,
  CONFLICTS,
  RAW_HCI,
  SETTINGS,
];
