import type { Reading } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { AlertView, CellLimits } from "../model/views.ts";
import { collectActed } from "./acted.ts";
import { cellLimits } from "./cell-limits.ts";
import type { AlertConfig } from "./config.ts";
import { alertViews, examine, shiftState } from "./engine.ts";
import type { Post } from "./http-post.ts";
import { messageOf } from "./message.ts";
import { createOutbox } from "./outbox.ts";
import type { Facts } from "./rule.ts";
import { openStateFile } from "./state-file.ts";
import type { AlertEvent } from "./track.ts";

/** Alerts from the state of the house, and the messages about them. */
export interface Alerts {
  /** A reading has come. What acts and ends between two ticks is noticed here. */
  receive(reading: Reading): void;
  /** Applies the rules to the present state, and sends what is due. Returns at once. */
  tick(facts: Facts): void;
  view(): readonly AlertView[];
  /** The known limits of a meter's cells. */
  cellLimits(meter: string): CellLimits | undefined;
  /** Resolves when no message is being sent. */
  settled(): Promise<void>;
  /** Writes the state for the last time. */
  close(): void;
}

export interface AlertOptions {
  readonly config: AlertConfig;
  /** Directory of the state; without one it lasts as long as the process. */
  readonly directory: string | undefined;
}

export interface AlertDeps {
  readonly post: Post;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** A difference between the wall clock and the uptime by which the wall clock was set, not read late, ms. */
const CLOCK_STEP_MS = 5_000;
/** Time between two writes of a state in which nothing has happened, ms. */
const WRITE_INTERVAL_MS = 3_600_000;
/** Readings that come later than this show the past, ms. */
const LATE_MS = 300_000;

export function createAlerts({ config, directory }: AlertOptions, { post, clock, random, log }: AlertDeps): Alerts {
  const file = openStateFile(directory, log);
  const acted = collectActed();
  let engine = file.initial.engine;
  let writtenAt = Number.NEGATIVE_INFINITY;
  let offset = clock.now() - clock.uptime();
  const outbox = createOutbox(config.targets, file.initial.queues, { post, save, random, log });

  function save() {
    writtenAt = clock.uptime();
    file.write({ at: clock.now(), engine, queues: outbox.queues() });
  }
  /** Delays go on although the wall clock has been set. */
  function followClock() {
    const step = clock.now() - clock.uptime() - offset;
    if (Math.abs(step) < CLOCK_STEP_MS) return;
    offset += step;
    engine = shiftState(engine, step);
  }
  return {
    receive(reading) {
      if (clock.now() - reading.takenAt < LATE_MS) acted.receive(reading);
    },
    tick(facts) {
      followClock();
      const { state, events } = examine(engine, facts, { config, acted });
      const isNewMeter = state.meters.length !== engine.meters.length;
      engine = state;
      acted.clear();
      for (const event of events) {
        logEvent(event, log);
        outbox.add(messageOf(event));
      }
      // Before anything is sent: after a kill at any moment a message is sent at least once.
      if (events.length > 0 || isNewMeter || clock.uptime() - writtenAt >= WRITE_INTERVAL_MS) save();
      outbox.tick(facts.at, clock.uptime());
    },
    view: () => alertViews(engine),
    cellLimits: (meter) => cellLimits(config, meter),
    settled: outbox.settled,
    close: save,
  };
}

function logEvent({ kind, alert: { severity }, text }: AlertEvent, log: Log): void {
  if (kind === "start" && severity === "alarm") log.error(text);
  else if (kind === "start") log.warn(text);
  else log.info(text);
}
