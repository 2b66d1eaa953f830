import type { Clock } from "../common/clock.ts";
import type { Notify } from "../common/notify.ts";
import { formatMoment, formatServiceStatus } from "./service-status.ts";
import type { Poll, SessionPlan } from "./session.ts";

/** How long an honest step of a session may take beyond its waits: connecting, opening and polling at their deadlines. */
const STEP_MS = 120_000;
/** A status that only counts on is told no more often. */
const STATUS_EVERY_MS = 1_000;

/** Tells the service manager of each poll of the session: that there is progress, and how the device is. */
export function createServiceReport(
  plan: SessionPlan,
  outbox: { readonly backlog: number },
  notify: Pick<Notify, "status" | "progress">,
  clock: Clock,
): (poll: Poll) => void {
  let readings = 0;
  let lastAt: number | undefined;
  let state = "";
  let awaySince: string | undefined;
  let toldAtMs = Number.NEGATIVE_INFINITY;

  function stateAfter(poll: Poll): string {
    const isAway = !poll.ok && poll.retryMs !== undefined;
    awaySince = isAway ? (awaySince ?? formatMoment(clock.now())) : undefined;
    if (poll.ok) return "connected";
    return isAway
      ? `no answer since ${awaySince} (${poll.error.message})`
      : `connected, last answer bad (${poll.error.message})`;
  }
  notify.progress(STEP_MS);
  notify.status(`connecting to ${plan.address}`);
  return (poll) => {
    if (poll.ok) {
      readings += 1;
      lastAt = clock.now();
    }
    notify.progress(STEP_MS + plan.periodMs + (poll.ok ? 0 : (poll.retryMs ?? 0)));
    const before = state;
    state = stateAfter(poll);
    if (state === before && clock.monotonic() - toldAtMs < STATUS_EVERY_MS) return;
    toldAtMs = clock.monotonic();
    notify.status(formatServiceStatus({ state, readings, backlog: outbox.backlog, lastAt }));
  };
}
