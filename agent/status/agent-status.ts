import type { Address } from "../../common/model/address.ts";
import type { Reading, Sample } from "../../common/model/reading.ts";
import { type AgentStatus, type ClockState, STATUS_VERSION, type StatusFault } from "../../common/model/status.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Answer, Poll } from "../polling/poll-loop.ts";

/** Keeps the status of one agent up to date. */
export interface AgentStatusTracker {
  /** Every poll of the loop. */
  onPoll(poll: Poll): void;
  /** Every reading, of a poll that was observed before. */
  onReading(reading: Reading): void;
  current(): AgentStatus;
}

export interface AgentStatusDeps {
  /** Looked up for each status. */
  readonly outbox: Pick<AgentStatus, "backlog" | "dropped">;
  /** Looked up for each status: how far the wall clock is to be trusted. */
  readonly timekeeper: { readonly state: ClockState | undefined };
  readonly clock: Clock;
}

export function createAgentStatus(
  device: { readonly meter: string; readonly site?: string; readonly address: Address },
  { outbox, timekeeper, clock }: AgentStatusDeps,
): AgentStatusTracker {
  let state: AgentStatus["state"] = "connecting";
  let since = clock.now();
  let fault: StatusFault | undefined;
  let driver: string | undefined;
  let reconnects = 0;
  let failures = 0;
  let readings = 0;
  let last: { readonly at: number; readonly rssi: number | undefined; readonly sample: Sample } | undefined;

  function enter(next: AgentStatus["state"]) {
    if (next !== state) since = clock.now();
    state = next;
  }
  function onAnswer({ rssi, sample }: Answer) {
    readings += 1;
    last = { at: clock.now(), rssi, sample };
  }
  return {
    onPoll(poll) {
      enter(poll.kind === "answer" || poll.kind === "bad-answer" ? "connected" : "away");
      driver = poll.driver ?? driver;
      reconnects = Math.max(0, poll.links - 1);
      if (poll.kind === "answer") onAnswer(poll);
      fault = poll.kind === "answer" ? undefined : { kind: poll.error.fault, message: poll.error.message };
    },
    onReading({ sample }) {
      failures = sample.failures ?? failures;
    },
    current: () => ({
      version: STATUS_VERSION,
      program: "bms-agent",
      at: clock.now(),
      meter: device.meter,
      ...(device.site !== undefined && { site: device.site }),
      address: device.address,
      ...(driver !== undefined && { driver }),
      state,
      since,
      ...(fault && { fault }),
      ...(timekeeper.state && { clock: timekeeper.state }),
      readings,
      ...(last && { lastReadingAt: last.at }),
      backlog: outbox.backlog,
      dropped: outbox.dropped,
      reconnects,
      failures,
      ...(last?.rssi !== undefined && { rssi: last.rssi }),
      ...(last && { sample: last.sample }),
    }),
  };
}
