import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { type Alerts, createAlerts } from "../../viewer/alerts/alerts.ts";
import { parseConfig } from "../../viewer/alerts/config.ts";
import type { Post } from "../../viewer/alerts/http-post.ts";
import type { Facts } from "../../viewer/alerts/rule.ts";
import type { HealthView, MeterView } from "../../viewer/model/views.ts";

/** Noon of a day, ms since the Unix epoch. */
export const NOON = Date.UTC(2026, 5, 1, 12);

/** A clock that stands still until it is set forward. */
export interface HandClock extends Clock {
  advance(ms: number): void;
  /** Sets the wall clock only. */
  step(ms: number): void;
}

export function handClock(start = NOON): HandClock {
  let elapsed = 0;
  let wall = start;
  return {
    now: () => wall + elapsed,
    monotonic: () => elapsed,
    uptime: () => elapsed,
    timer: () => () => {},
    sleep: () => new Promise(() => {}),
    advance(ms) {
      elapsed += ms;
    },
    step(ms) {
      wall += ms;
    },
  };
}

/** A live 4-cell pack that is at rest and well. */
export const WELL: Sample = {
  volts: 13.2,
  amps: 0,
  percent: 80,
  cell1: 3300,
  cell2: 3301,
  cell3: 3302,
  cell4: 3303,
  temp1: 20,
  fet: 3,
  ovp: 0,
  uvp: 0,
  coc: 0,
  sc: 0,
  aovp: 0,
  online: 1,
};

export const WELL_HEALTH: HealthView = {
  agents: [],
  aggregator: {
    state: "running",
    at: NOON,
    readings: 10,
    outputs: [{ name: "unix:///run/telegraf/bms.sock", state: "open", waiting: 0 }],
    rejected: 0,
  },
};

/** The house as alerts see it, with one meter whose values a test changes. */
export interface TestHouse {
  readonly clock: HandClock;
  alerts: Alerts;
  meter: MeterView;
  health: HealthView;
  feed: Facts["feed"];
  /** Replaces values of the sample. */
  measure(changes: Sample): void;
  /** Replaces the whole sample with the one of a pack that is well. */
  recover(): void;
  /** Ticks every `everyMs` for a time; messages are sent before the next tick. */
  run(ms: number, everyMs?: number): Promise<void>;
  /** Ends the viewer and starts it again with the state on the disk. `isKilled`: without its last write. */
  restart(isKilled?: boolean): void;
}

export interface TestHouseDeps {
  readonly post: Post;
  readonly log: Log;
  readonly directory?: string;
}

export function createTestHouse(toml: string, { post, log, directory }: TestHouseDeps): TestHouse {
  const clock = handClock();
  const config = parseConfig("alerts.toml", toml, () => "tk_file");
  const open = () => createAlerts({ config, directory }, { post, clock, random: () => 0, log });
  const house: TestHouse = {
    clock,
    alerts: open(),
    meter: {
      meter: "house",
      device: "A4:C1:37:00:00:01",
      driver: "jbd",
      state: "live",
      since: NOON,
      measuredAt: NOON,
      sample: WELL,
      conditions: [],
    },
    health: WELL_HEALTH,
    feed: { state: "live", since: NOON },
    measure(changes) {
      house.meter = { ...house.meter, sample: { ...house.meter.sample, ...changes } };
    },
    recover() {
      house.meter = { ...house.meter, sample: WELL };
    },
    async run(ms, everyMs = 10_000) {
      for (let left = ms; left > 0; left -= everyMs) {
        clock.advance(Math.min(left, everyMs));
        if (house.meter.state === "live") house.meter = { ...house.meter, measuredAt: clock.now() };
        const { meter, health, feed } = house;
        house.alerts.tick({ at: clock.now(), feed, meters: [meter], health });
        await house.alerts.settled();
      }
    },
    restart(isKilled = false) {
      if (!isKilled) house.alerts.close();
      house.alerts = open();
    },
  };
  return house;
}
