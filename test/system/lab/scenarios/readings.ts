import { readFileSync } from "node:fs";
import type { Finding } from "../../machine/report.ts";
import { createAgents, quiet } from "../guest/agents.ts";
import { type Environment, LAB_USER, type Scenario } from "../guest/environment.ts";
import { holdsAnswers } from "../guest/truth.ts";

const BATTERIES = { jbd: 1, thornwave: 2 };
const WATCHED_S = 40;
const FIRST_ANSWER_WITHIN_S = 60;

export const READINGS: Scenario = {
  name: "readings",
  about: "a JBD pack and a Thornwave of each format: every reading is the battery's answer",
  batteries: BATTERIES,
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const agents = createAgents(environment, BATTERIES, 1);
  await agents.answered(agents.start(), FIRST_ANSWER_WITHIN_S);
  yield runsAsOrdinaryUser(agents.all.map(({ process }) => process?.pid ?? 0));
  const since = Date.now();
  await quiet(WATCHED_S);
  yield agents.lostNothing("every poll is answered", since, agents.others());
  await Promise.all(agents.all.map(({ process }) => process?.stop("SIGTERM")));
  for (const agent of agents.all) yield holdsAnswers(environment, agent);
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
