import type { Finding } from "../../machine/report.ts";
import { type Agents, quiet } from "./agents.ts";
import type { Environment } from "./environment.ts";

/** A fault from its beginning to its end. */
export interface Fault {
  readonly about: string;
  begin(environment: Environment, agents: Agents): Promise<unknown>;
  /** Seconds until `end`. A fault without an end is over when it has begun. */
  readonly lastsSeconds?: number;
  end?(environment: Environment, agents: Agents): Promise<unknown>;
  /** From its end to the next answer of each affected device. */
  readonly goalSeconds: number;
}

/** Seconds after each fault in which everything returns to normal. */
const REST_S = 4;

/** Injects a fault: the affected agents have an answer again in time, the others lose no poll. */
export async function inject(
  { about, begin, end, lastsSeconds = 0, goalSeconds }: Fault,
  environment: Environment,
  agents: Agents,
  affected: readonly string[],
): Promise<Finding> {
  const begunAt = Date.now();
  await begin(environment, agents);
  await quiet(lastsSeconds);
  const endedAt = Date.now();
  await end?.(environment, agents);
  const others = agents.others(...affected);
  const goal = `back within ${goalSeconds} s${others.length > 0 ? ", the others lose nothing" : ""}`;
  const recovery = await agents.recovered(`${about}: ${goal}`, end ? endedAt : begunAt, goalSeconds, affected);
  await quiet(REST_S);
  const unharmed = others.length > 0 ? agents.lostNothing("", begunAt, others) : undefined;
  const noticed = environment.rows.all.find(
    ({ meter, time, values }) => affected.includes(meter) && time >= begunAt && values.online === 0,
  );
  const seen = [
    noticed && `noticed after ${((noticed.time - begunAt) / 1000).toFixed(1)} s`,
    recovery.seen,
    unharmed?.seen,
  ];
  return {
    ...recovery,
    ...(unharmed?.polls && { polls: unharmed.polls }),
    verdict: unharmed && recovery.verdict === "passed" ? unharmed.verdict : recovery.verdict,
    seen: seen.filter((text) => text !== undefined).join("; "),
  };
}
