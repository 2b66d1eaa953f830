import type { AgentStatus } from "../../common/model/status.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Notify } from "../../common/systemd/notify.ts";
import type { Poll, PollPlan } from "../polling/poll-loop.ts";
import { formatState, formatStatusLine } from "./status-line.ts";

/** Longest time that a poll may take beyond its waits: the deadlines for connecting, opening and polling together. */
const STEP_MS = 120_000;
/** Between two status lines that differ only in their counts. */
const STATUS_INTERVAL_MS = 1_000;

export interface SystemdStatusDeps {
  /** After the poll that is reported. */
  readonly status: () => AgentStatus;
  readonly notify: Pick<Notify, "status" | "progress">;
  readonly clock: Clock;
}

/** Returns an observer that reports every poll of the loop to systemd: progress for the watchdog, and a status line. */
export function createSystemdStatus(
  plan: PollPlan,
  { status, notify, clock }: SystemdStatusDeps,
): (poll: Poll) => void {
  let lastState = "";
  let reportedAtMs = Number.NEGATIVE_INFINITY;

  notify.progress(STEP_MS);
  notify.status(`connecting to ${plan.address}`);
  return (poll) => {
    notify.progress(STEP_MS + plan.periodMs + ("retryMs" in poll ? poll.retryMs : 0));
    const current = status();
    const state = formatState(current);
    if (state === lastState && clock.monotonic() - reportedAtMs < STATUS_INTERVAL_MS) return;
    lastState = state;
    reportedAtMs = clock.monotonic();
    notify.status(formatStatusLine(current));
  };
}
