import { createFleet, quiet } from "../guest/fleet.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 1, thornwave: 1 };
const PERIOD_S = 1;
const PATIENCE_MIN = 1;
/** From the end of patience: until somebody's turn, off, on, and connected again. */
const BACK_WITHIN_S = 40;
const SWITCHED = /switching it off and on/;

export const POWER_CYCLE: Scenario = {
  name: "power-cycle",
  about: "an adapter that hears nothing until it is reset: agents that may switch it off and on, once all are failing",
  batteries: BATTERIES,
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  const options = ["--power-cycle", String(PATIENCE_MIN)];
  const startedAt = Date.now();
  const agents = fleet.agents.map((agent) => stage.startAgent({ ...agent, options }));
  await fleet.answered(startedAt, 60);
  const said = () => agents.flatMap(({ stderr }) => stderr.filter((line) => SWITCHED.test(line)));

  const [absent, present] = ["jbd1", "thornwave1"] as const;
  const since = Date.now();
  await stage.controller.command("set", fleet.agent(absent).address, "out-of-range");
  await quiet(PATIENCE_MIN * 60 + BACK_WITHIN_S);
  yield {
    ...fleet.lostNothing("one absent for longer than its patience: the other loses nothing", since, [present]),
    seen: `switched ${said().length} times`,
  };

  await stage.controller.command("clear", "all");
  await fleet.answered(Date.now(), 60);
  await stage.controller.command("jam");
  const jammedAt = Date.now();
  const goal = PATIENCE_MIN * 60 + BACK_WITHIN_S;
  const back = await fleet.cameBack(`a jammed adapter: all back within ${goal} s`, jammedAt, goal, fleet.others());
  yield {
    ...back,
    seen: [back.seen, `switched ${said().length} times`, ...said().slice(0, 1)].filter(Boolean).join("; "),
  };
}
