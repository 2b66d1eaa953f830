import type { Finding } from "../report.ts";
import type { Stage } from "./stage.ts";

/** One trouble or several of a kind, brought on real agents over a real BlueZ, and what must come of it. */
export interface Scenario {
  /** The word on the command line and the folder of its logs. */
  readonly name: string;
  readonly about: string;
  /** How many batteries are on the air. */
  readonly batteries: { readonly jbd: number; readonly thornwave: number };
  /** Address → six digits of a device that demands pairing. */
  readonly passkeys?: Readonly<Record<string, string>>;
  /** Runs on a fresh adapter and an empty BlueZ; yields each finding as it is made. */
  run(stage: Stage, settings: ScenarioSettings): AsyncIterable<Finding>;
}

export interface ScenarioSettings {
  /** How often the scenario with kills kills. */
  readonly kills: number;
}
