import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "../../common/model/address.ts";
import { type AgentStatus, parseAgentStatus } from "../../common/model/status.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";

/** Runtime directories of the agents that run as services: NAME/status.json. */
export const AGENT_RUNTIME = "/run/bms-agent";

/** An agent that runs as a service of this machine. */
export interface LocalAgent {
  /** Instance of its unit. */
  readonly name: string;
  readonly status: AgentStatus;
}

/** The agents whose status can be read. */
export function localAgents(runtime: string = AGENT_RUNTIME): LocalAgent[] {
  return namesIn(runtime).flatMap((name) => {
    const status = statusIn(join(runtime, name));
    return status ? [{ name, status }] : [];
  });
}

/** The status in an agent's runtime directory; undefined if there is none, or it may not be read. */
export function statusIn(directory: string): AgentStatus | undefined {
  try {
    return readStatusFile(statusPath(directory), parseAgentStatus);
  } catch {
    return undefined;
  }
}

/** A status that is older is left over from an agent that has ended. */
const FRESH_MS = 15 * 60_000;

/** The agents that are connected, whose batteries therefore do not advertise. */
export function connectedAgents(agents: readonly LocalAgent[], now: number): LocalAgent[] {
  return agents.filter(({ status }) => status.state === "connected" && now - status.at < FRESH_MS);
}

export function agentOf(address: Address, agents: readonly LocalAgent[]): LocalAgent | undefined {
  return agents.find(({ status }) => status.address === address);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
