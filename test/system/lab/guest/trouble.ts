import type { Finding } from "../report.ts";
import { type Fleet, quiet } from "./fleet.ts";
import type { Stage } from "./stage.ts";

/** Something that goes wrong and then is right again. */
export interface Trouble {
  readonly about: string;
  begin(stage: Stage, fleet: Fleet): Promise<unknown>;
  /** After so many seconds; a trouble without an end is over when it has begun. */
  readonly lastsSeconds?: number;
  end?(stage: Stage, fleet: Fleet): Promise<unknown>;
  /** From its end to the next answer of all who suffer from it. */
  readonly goalSeconds: number;
}

/** Time for everything to be as before, so that troubles are told apart. */
const REST_S = 4;

/** Brings a trouble on: whom it hits answers again in time, the others lose nothing. */
export async function bringOn(
  { about, begin, end, lastsSeconds = 0, goalSeconds }: Trouble,
  stage: Stage,
  fleet: Fleet,
  victims: readonly string[],
): Promise<Finding> {
  const since = Date.now();
  await begin(stage, fleet);
  await quiet(lastsSeconds);
  const hitAt = Date.now();
  await end?.(stage, fleet);
  const others = fleet.others(...victims);
  const goal = `back within ${goalSeconds} s${others.length > 0 ? ", the others lose nothing" : ""}`;
  const recovery = await fleet.cameBack(`${about}: ${goal}`, end ? hitAt : since, goalSeconds, victims);
  await quiet(REST_S);
  const unharmed = others.length > 0 ? fleet.lostNothing("", since, others) : undefined;
  const seen = [noticed(stage, since, victims), recovery.seen, unharmed?.seen];
  return {
    ...recovery,
    ...(unharmed?.polls && { polls: unharmed.polls }),
    verdict: unharmed && recovery.verdict === "passed" ? unharmed.verdict : recovery.verdict,
    seen: seen.filter((text) => text !== undefined).join("; "),
  };
}

/** How long it took the first of the victims to say that it has no answer. */
function noticed(stage: Stage, since: number, victims: readonly string[]): string | undefined {
  const offline = stage.ledger.rows.find(
    ({ meter, time, values }) => victims.includes(meter) && time >= since && values.online === 0,
  );
  return offline ? `noticed after ${((offline.time - since) / 1000).toFixed(1)} s` : undefined;
}
