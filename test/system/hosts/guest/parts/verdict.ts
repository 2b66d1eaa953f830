import { explainViolation } from "../../../../support/proof/report.ts";
import { storedOf } from "../../../../support/proof/stored.ts";
import { judge } from "../../../../support/proof/verdict.ts";
import { check, expect } from "../../../installed/guest/check.ts";
import { pointsOf } from "../../../machine/telegraf-rows.ts";
import { sorted } from "../../../telegraf/point.ts";
import { FORGED_VOLTS } from "../../attacker/forged.ts";
import { ROWS } from "../paths.ts";
import type { Stage } from "../stage.ts";

/** Violations that are reported with their events. */
const MAX_SHOWN = 5;

/** Looks each answer of each battery up in Telegraf's rows. Only these meters may have rows. All programs have ended. */
export async function verdict(stage: Stage, meters: readonly string[]): Promise<void> {
  const { agents, timeline, failures } = stage;
  const points = pointsOf(ROWS);
  await check("every reading is stored once, but at most one for each kill of its own agent", async () => {
    const stored = storedOf(points);
    const distinct = new Set(sorted(points).map((point) => JSON.stringify(point))).size;
    const { taken, delivered, inFlight, violations } = judge(agents, stage.answers(), stored, timeline);
    const kills = timeline.filter(({ component, what }) => what === "killed" && component.startsWith("m")).length;
    const seen = [
      `${taken} readings, ${delivered} stored, ${inFlight} lost in ${kills} kills of agents`,
      `${points.length - distinct} written again as the same point, ${distinct - stored.length} as another`,
      ...violations.slice(0, MAX_SHOWN).map((violation) => explainViolation(violation, timeline)),
    ].join("; ");
    expect(violations.length === 0 && distinct === stored.length, `${violations.length} violations; ${seen}`);
    return seen;
  });
  await check("no value of an attacker is stored", async () => {
    const forged = points.filter(({ tags: { meter = "" }, fields: { volts = "" } }) => {
      return !meters.includes(meter) || volts === `float ${FORGED_VOLTS}`;
    });
    expect(forged.length === 0, JSON.stringify(forged[0]));
    return `${points.length} rows`;
  });
  await check("no program ended by itself", async () => {
    expect(failures.length === 0, failures.join("\n"));
  });
}
