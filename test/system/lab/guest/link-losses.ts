import { type Agents, quiet } from "./agents.ts";
import type { Environment } from "./environment.ts";

/** HCI's reason: connection timeout. */
const LINK_LOST = "08";
/** No multiple of the period, so that a link is lost at any moment between two polls. */
const BETWEEN_LOSSES_S = 4.3;

/** Ends the link of a device. */
export function loseLink({ controller }: Environment, agents: Agents, meter: string): Promise<unknown> {
  return controller.command("drop", agents.get(meter).address, LINK_LOST);
}

/** Ends the link of a device several times. Returns the seconds from each loss to the next answer. */
export async function loseLinks(
  meter: string,
  times: number,
  environment: Environment,
  agents: Agents,
): Promise<number[]> {
  const losses: number[] = [];
  for (let loss = 0; loss < times; loss++) {
    await quiet(BETWEEN_LOSSES_S);
    const lostAt = Date.now();
    await loseLink(environment, agents, meter);
    losses.push(...(await agents.answered(lostAt, 60, [meter])));
  }
  return losses;
}
