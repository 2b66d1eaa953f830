import { readFileSync } from "node:fs";
import { isHealth } from "../../../integration/system.ts";
import { couldBe, pollsOf } from "../../../support/proof/polls.ts";
import type { Finding } from "../../machine/report.ts";
import { createAgents, quiet } from "../guest/agents.ts";
import { type Environment, LAB_USER, type Scenario } from "../guest/environment.ts";
import type { Row } from "../guest/rows.ts";

const BATTERIES = { jbd: 1, thornwave: 2 };
const WATCHED_S = 40;
const FIRST_ANSWER_WITHIN_S = 60;
/** The simulator logs an answer after sending it, when its row may have been taken. Less than the time between polls. */
const LOGGED_WITHIN_MS = 200;

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
  const answers = environment.controller.answers();
  for (const { meter, address } of agents.all) {
    const rows = environment.rows.answersSince(meter, 0);
    const polls = pollsOf(answers, address);
    const wrong = rows.filter((row, index) => {
      const from = (rows[index - 1]?.time ?? 0) + LOGGED_WITHIN_MS;
      const until = row.time + LOGGED_WITHIN_MS;
      return !polls.some((poll) => poll.readyAt > from && poll.readyAt <= until && couldBe(poll, ofDevice(row)));
    });
    yield {
      expected: `${meter}: each row holds the battery's answers to that poll, whole`,
      verdict: rows.length > 0 && wrong.length === 0 ? "passed" : "failed",
      seen: `${rows.length} rows, ${wrong.length} wrong${wrong[0] ? `: ${JSON.stringify(wrong[0])}` : ""}`,
    };
  }
}

/** The values of a row without the health of its agent. */
function ofDevice({ values }: Row): Row["values"] {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isHealth(name)));
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
