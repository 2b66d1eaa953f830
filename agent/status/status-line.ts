import { grouped } from "../../common/model/count-text.ts";
import type { AgentStatus, ClockState } from "../../common/model/status.ts";

/** One line for `systemctl status`: `connected, 8,412 readings, backlog 0, last 2026-01-02T03:04:05Z`. */
export function formatStatusLine(status: AgentStatus): string {
  const { readings, backlog, lastReadingAt } = status;
  const last = lastReadingAt === undefined ? "" : `, last ${formatTime(lastReadingAt)}`;
  return `${formatState(status)}${formatDoubt(status)}, ${grouped(readings)} readings, backlog ${grouped(backlog)}${last}`;
}

/** The state of the clock in words. */
export const CLOCK_WORDS: Readonly<Record<ClockState, string>> = {
  confirmed: "confirmed",
  waiting: "not set yet, readings are held",
  unconfirmed: "not confirmed",
  impossible: "shows an impossible date, readings are held",
};

const formatDoubt = ({ clock = "confirmed" }: AgentStatus) =>
  clock === "confirmed" ? "" : `, clock ${CLOCK_WORDS[clock]}`;

/** `connected`, or the reason why not. */
export function formatState({ state, since, fault }: AgentStatus): string {
  switch (state) {
    case "connecting":
      return "connecting";
    case "connected":
      return fault ? `connected, last answer bad (${fault.message})` : "connected";
    case "away":
      return `no answer since ${formatTime(since)}${fault ? ` (${fault.message})` : ""}`;
  }
}

/** To the second, in UTC. */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
