import type { Dashboard, Line } from "../description.ts";
import { above } from "./colours.ts";
import { course, newest, panel } from "./panels.ts";

const perInterval = (
  quantity: "failures" | "torn" | "reconnects" | "dropped" | "polls",
  title: string,
  about: string,
) => panel({ kind: "growth", quantity }, { title, about, draw: "course", width: 12, height: 7, unit: "", decimals: 0 });

const ofPrograms = (title: string, about: string, lines: Readonly<Record<`bms_${string}`, string>>) => ({
  title,
  about,
  draw: "course" as const,
  lines: Object.entries(lines).map(
    ([metric, label]): Line => ({ query: { kind: "program", metric: metric as `bms_${string}` }, label }),
  ),
  unit: "",
  decimals: 0,
  width: 12,
  height: 7,
});

const ofTelegraf = (title: string, about: string, lines: readonly Line[]) => ({
  title,
  about,
  draw: "course" as const,
  lines,
  unit: "",
  decimals: 0,
  width: 12,
  height: 7,
});

const growth = (field: string, label: string): Line => ({
  query: { kind: "telegraf", of: "growth", figure: ["internal_write", field] },
  label,
});

export const system: Dashboard = {
  name: "system",
  title: "System",
  about: "The way from the batteries to the database: who answers, how well, and what waits.",
  from: "now-24h",
  sections: [
    {
      title: "Now",
      panels: [
        panel(
          { kind: "last-seen" },
          { title: "Last measurement", about: "Of each meter.", draw: "rows", width: 8, height: 5, unit: "ago" },
        ),
        newest("backlog", {
          title: "Backlog",
          about: "Readings that wait to be delivered. They are safe; they arrive when the way is free again.",
          width: 8,
          height: 5,
          colours: above(10, 100),
        }),
        newest("rssi", {
          title: "Signal",
          about: "Received signal strength. Below -90 dBm connections fail.",
          width: 8,
          height: 5,
          colours: [{ colour: "red" }, { from: -90, colour: "orange" }, { from: -80, colour: "green" }],
        }),
      ],
    },
    {
      title: "Radio",
      panels: [
        course("latency", {
          title: "Duration of a poll",
          about: "From the first request to the last byte of the answer.",
          width: 12,
          height: 7,
        }),
        course("rssi", { title: "Signal", about: "Received signal strength.", width: 12, height: 7 }),
        perInterval("polls", "Polls", "Polls in each interval. None: the agent is away."),
        perInterval("failures", "Failed polls", "Polls in each interval without a good answer."),
        perInterval("torn", "Torn polls", "Failed polls whose values belonged to two moments."),
        perInterval("reconnects", "Reconnections", "Connections replaced in each interval."),
      ],
    },
    {
      title: "Delivery",
      panels: [
        course("backlog", {
          title: "Backlog",
          about: "Readings that wait. It grows while Telegraf or the aggregator is away.",
          width: 12,
          height: 7,
        }),
        perInterval("dropped", "Dropped", "Readings lost to the bound of the outbox. It should be empty for ever."),
      ],
    },
    {
      title: "Telegraf, where its input internal is on",
      panels: [
        ofTelegraf("Waiting in Telegraf", "Rows that wait for a database. At the limit Telegraf drops the oldest.", [
          { query: { kind: "telegraf", of: "highest", figure: ["internal_write", "buffer_size"] }, label: "waiting" },
          { query: { kind: "telegraf", of: "highest", figure: ["internal_write", "buffer_limit"] }, label: "limit" },
        ]),
        ofTelegraf("Written by Telegraf", "Rows in each interval, by output. Those that were dropped are lost.", [
          growth("metrics_written", "written"),
          growth("metrics_dropped", "dropped"),
          growth("errors", "failed writes"),
        ]),
      ],
    },
    {
      title: "Programs, as the viewer sees them",
      scraped: true,
      panels: [
        ofPrograms("Aggregator", "Readings that wait for an output: Telegraf is away. Messages that were rejected.", {
          bms_aggregator_output_waiting: "waiting for {{output}}",
          bms_aggregator_rejected_total: "rejected",
        }),
        ofPrograms("Viewer", "Its live feed, the alerts that go on, and who looks at the page.", {
          bms_feed_live: "feed",
          bms_alerts: "{{severity}}s",
          bms_viewer_event_streams: "open pages",
          bms_viewer_connections: "connections",
        }),
        ofPrograms(
          "Frozen or stale",
          "Shows 1 while the values of a meter do not change, or nothing comes from its agent.",
          {
            bms_frozen: "{{meter}} frozen",
            bms_stale: "{{meter}} stale",
          },
        ),
      ],
    },
  ],
};
