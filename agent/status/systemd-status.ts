import type { Clock } from "../../common/runtime/clock.ts";
import type { Notify } from "../../common/systemd/notify.ts";
import type { Poll, SessionPlan } from "../polling/poll-loop.ts";
import type { DeviceState } from "./device-status.ts";
import { formatServiceStatus } from "./status-line.ts";

/** How long an honest step of a session may take beyond its waits: connecting, opening and polling at their deadlines. */
const STEP_MS = 120_000;
/** A status that only counts on is told no more often. */
const STATUS_EVERY_MS = 1_000;

/** Tells the service manager of each poll of the session that `device` has observed: there is progress, and how it is. */
export function createServiceReport(
  plan: SessionPlan,
  device: Pick<DeviceState, "text" | "answers" | "answeredAt">,
  outbox: { readonly backlog: number },
  notify: Pick<Notify, "status" | "progress">,
  clock: Clock,
): (poll: Poll) => void {
  let state = "";
  let toldAtMs = Number.NEGATIVE_INFINITY;

  notify.progress(STEP_MS);
  notify.status(`connecting to ${plan.address}`);
  return (poll) => {
    notify.progress(STEP_MS + plan.periodMs + (poll.ok ? 0 : (poll.retryMs ?? 0)));
    const before = state;
    state = device.text;
    if (state === before && clock.monotonic() - toldAtMs < STATUS_EVERY_MS) return;
    toldAtMs = clock.monotonic();
    const { answers: readings, answeredAt: lastAt } = device;
    notify.status(formatServiceStatus({ state, readings, backlog: outbox.backlog, lastAt }));
  };
}
