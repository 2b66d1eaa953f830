import { counted } from "../../../common/model/count-text.ts";
import type { MeterView } from "../../model/views.ts";
import type { Rule } from "../rule.ts";
import { stateOf } from "../rule.ts";
import { durationText } from "../words.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const silent: Rule = {
  name: "silent",
  about: "no measurement arrives from a meter",
  scope: "meter",
  preset: { severity: "warning", delayMs: 600_000, endDelayMs: 60_000, reminderMs: DAY_MS },
  observe({ meter, facts }) {
    // Of all meters at once: the rule `feed` reports it.
    if (!meter || (meter.state === "stale" && facts.feed.state === "away")) return undefined;
    if (meter.state === "live") return [{ subject: "", state: "right", text: () => "measurements arrive again" }];
    return [{ subject: "", state: "wrong", since: lastSignOf(meter), text: () => silenceText(meter, facts.at) }];
  },
};

function lastSignOf({ measuredAt, since }: MeterView): number {
  return measuredAt ?? since;
}

function silenceText(meter: MeterView, now: number): string {
  const reason = meter.state === "offline" ? "the device does not answer" : "its agent sends nothing";
  const last = meter.measuredAt === undefined ? "" : `, last measurement ${durationText(now - meter.measuredAt)} ago`;
  return `silent, ${reason}${last}`;
}

export const frozen: Rule = {
  name: "frozen",
  about: "the values of a meter do not change although current flows",
  scope: "meter",
  preset: { severity: "warning", delayMs: 0, endDelayMs: 60_000, reminderMs: DAY_MS },
  observe({ meter, facts }) {
    if (meter?.state !== "live") return undefined;
    const { frozenSince } = meter;
    if (frozenSince === undefined) return [{ subject: "", state: "right", text: () => "values change again" }];
    const text = () => `values have not changed for ${durationText(facts.at - frozenSince)} although current flows`;
    return [{ subject: "", state: "wrong", since: frozenSince, text }];
  },
};

export const sharedName: Rule = {
  name: "shared-name",
  about: "several devices report under one name",
  scope: "meter",
  preset: { severity: "warning", delayMs: 0, endDelayMs: 600_000, reminderMs: DAY_MS },
  observe({ meter }) {
    if (!meter) return undefined;
    const { device, otherDevices = [] } = meter;
    if (otherDevices.length === 0)
      return [{ subject: "", state: "right", text: () => `only ${device} reports under this name` }];
    const devices = [device, ...otherDevices].sort();
    const text = () =>
      `${counted(devices.length, "device")} report under this name: ${devices.join(", ")}; rename one of them`;
    return [{ subject: "", state: "wrong", text }];
  },
};

export const backlog: Rule = {
  name: "backlog",
  about: "readings of a meter wait to be delivered",
  scope: "meter",
  preset: { severity: "warning", delayMs: 600_000, endDelayMs: 60_000, reminderMs: DAY_MS },
  limits: { unit: "readings", least: 1, most: 10_000_000, wrong: "above", preset: () => ({ start: 100, end: 10 }) },
  observe({ meter, facts: { health, feed }, settings }) {
    // While the aggregator or Telegraf is away, everything waits: their rules report it.
    if (feed.state === "away" || health.aggregator?.outputs.some(isAway)) return undefined;
    const agent = health.agents.find((each) => each.meter === meter?.meter);
    const waiting = agent?.state === "silent" ? undefined : (agent?.backlog ?? liveBacklog(meter));
    if (waiting === undefined) return agent ? undefined : [];
    const state = stateOf(waiting, settings);
    const text = () =>
      state === "right"
        ? `readings are delivered again, ${counted(waiting, "reading")} left`
        : `${counted(waiting, "reading")} wait to be delivered`;
    return [{ subject: "", state, text }];
  },
};

function liveBacklog(meter: MeterView | undefined): number | undefined {
  return meter?.state === "live" ? meter.sample.backlog : undefined;
}

interface Output {
  readonly name: string;
  readonly state: string;
  readonly waiting: number;
}

/** Outputs to Telegraf are sockets; stdout cannot be away. */
const isTelegraf = ({ name }: Output) => name.includes("://");
const isAway = (output: Output) => isTelegraf(output) && output.state !== "open";

export const telegraf: Rule = {
  name: "telegraf",
  about: "Telegraf takes no readings",
  scope: "system",
  preset: { severity: "warning", delayMs: 300_000, endDelayMs: 60_000, reminderMs: DAY_MS },
  observe({ facts: { health } }) {
    const { aggregator } = health;
    if (aggregator?.state !== "running") return undefined;
    return aggregator.outputs.filter(isTelegraf).map((output) => ({
      subject: output.name,
      state: isAway(output) ? "wrong" : "right",
      text: () => telegrafText(output),
    }));
  },
};

function telegrafText(output: Output): string {
  const { name, state, waiting } = output;
  if (!isAway(output)) return `Telegraf at ${name} takes readings again`;
  const fault = state === "stuck" ? "does not read what it is sent" : "is away";
  return `Telegraf at ${name} ${fault}, ${counted(waiting, "reading")} wait`;
}

export const feed: Rule = {
  name: "feed",
  about: "the aggregator's live feed is away, so nothing is known about any meter",
  scope: "system",
  preset: { severity: "warning", delayMs: 300_000, endDelayMs: 60_000, reminderMs: DAY_MS },
  observe({ facts: { feed, at } }) {
    if (feed.state !== "away") return [{ subject: "", state: "right", text: () => "the aggregator's feed is back" }];
    const text = () =>
      `no connection to the aggregator for ${durationText(at - feed.since)}, nothing is known about the meters`;
    return [{ subject: "", state: "wrong", since: feed.since, text }];
  },
};
