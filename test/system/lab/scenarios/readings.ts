import { readFileSync } from "node:fs";
import { compareReadings } from "../guest/compare.ts";
import { createFleet, quiet } from "../guest/fleet.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import { LAB_USER } from "../lab-user.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 1, thornwave: 2 };
const WATCHED_S = 40;
const FIRST_ANSWER_WITHIN_S = 60;

export const READINGS: Scenario = {
  name: "readings",
  about: "a JBD pack and a Thornwave of each format: every reading is what the battery handed out",
  batteries: BATTERIES,
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, 1);
  await fleet.answered(fleet.start(), FIRST_ANSWER_WITHIN_S);
  yield runsAsOrdinaryUser(fleet.agents.map(({ process }) => process?.pid ?? 0));
  const since = Date.now();
  await quiet(WATCHED_S);
  yield fleet.lostNothing("every poll is answered", since, fleet.others());
  await Promise.all(fleet.agents.map(({ process }) => process?.stop("SIGTERM")));
  const answers = stage.controller.answers();
  for (const { meter, address } of fleet.agents) {
    const handedOut = answers.filter(({ device }) => device === address);
    const { equal, repeated, differences } = compareReadings(stage.ledger.answersSince(meter, 0), handedOut);
    yield {
      expected: `${meter}: each row holds what was handed out, and all of it`,
      verdict: equal > 0 && differences.length === 0 ? "passed" : "failed",
      seen: [`${equal} rows equal, ${repeated} answers asked for twice`, ...differences.slice(0, 3)].join("; "),
    };
  }
}

function runsAsOrdinaryUser(pids: readonly number[]): Finding {
  const statuses = pids.map((pid) => readFileSync(`/proc/${pid}/status`, "utf8"));
  const field = (status: string, name: string) => status.match(new RegExp(`^${name}:\\s*(.*)$`, "m"))?.[1] ?? "";
  const ordinary = statuses.filter(
    (status) => field(status, "Uid").startsWith(`${LAB_USER.uid}\t`) && /^0+$/.test(field(status, "CapEff")),
  );
  return {
    expected: "agents run as an ordinary user without capabilities",
    verdict: ordinary.length === pids.length ? "passed" : "failed",
  };
}
