import type { AgentStatus } from "../../common/model/status.ts";

/** The status of an agent whose device is connected and has not answered yet. */
export function agentStatusOf(changed: Partial<AgentStatus> = {}): AgentStatus {
  return {
    version: 1,
    program: "bms-agent",
    at: 1_767_323_045_000,
    meter: "bms",
    address: "A4:C1:37:00:00:01",
    state: "connected",
    since: 1_767_323_045_000,
    readings: 0,
    backlog: 0,
    dropped: 0,
    reconnects: 0,
    failures: 0,
    ...changed,
  };
}
