import type { Dashboard } from "../description.ts";
import { below, SOME_ALARM, SOME_SILENT } from "./colours.ts";
import { ALL_THAT_ACTED, panel } from "./panels.ts";
import { STATES, stateWords } from "./state-names.ts";

export const sites: Dashboard = {
  name: "sites",
  title: "Sites",
  about: "All sites at a glance: who is silent, who has an alarm, and since when.",
  from: "now-7d",
  refresh: "1m",
  sections: [
    {
      title: "Now",
      panels: [
        {
          title: "Sites",
          about:
            "Batteries with a measurement in the time range; a site leads to its House. Silent is a battery without one for ten minutes and the time between two readings.",
          draw: "sites",
          lines: [
            { label: "Batteries", query: { kind: "site", figure: "meters" } },
            { label: "Silent", query: { kind: "site", figure: "silent" }, colours: SOME_SILENT },
            { label: "Longest without a measurement", query: { kind: "site", figure: "longest-silent" }, unit: "ago" },
            { label: "With an alarm", query: { kind: "site", figure: "alarms" }, colours: SOME_ALARM },
            { label: "Alarm since", query: { kind: "site", figure: "alarm-since" }, unit: "ago" },
            {
              label: "Lowest charge",
              query: { kind: "site", figure: "lowest-charge" },
              unit: "%",
              colours: below(40, 20),
            },
            { label: "Last measurement", query: { kind: "site", figure: "last-seen" }, unit: "ago" },
          ],
          unit: "",
          decimals: 0,
          width: 24,
          height: 9,
          empty: "–",
        },
        panel(
          { kind: "silent-since" },
          {
            title: "Who is silent",
            about: "The last measurement of each battery that is silent.",
            exceptIn: {
              influxql: "InfluxQL cannot compare a time with the present: the others are there as well.",
            },
            draw: "rows",
            width: 12,
            height: 9,
            unit: "ago",
            empty: "nobody",
          },
        ),
        {
          title: "Who has an alarm",
          about:
            "When each protection or alarm began that a battery reports now: at its first report after one without it. An outage of more than an hour begins it anew. One that held all the time began before the time range.",
          exceptIn: {
            influxql: "An outage begins nothing anew in InfluxQL, and a battery that fell silent in an alarm keeps it.",
          },
          draw: "rows",
          lines: STATES.map((quantity) => ({
            query: { kind: "acting-since", quantity },
            label: stateWords(quantity),
          })),
          width: 12,
          height: 9,
          unit: "ago",
          empty: "nobody",
        },
      ],
    },
    {
      title: "Course",
      panels: [
        {
          title: "Batteries that measure",
          about: "At each site, in each interval. One less: a battery is silent. None or a gap: all are.",
          draw: "course",
          lines: [{ query: { kind: "site-course", figure: "measuring" }, label: "batteries" }],
          unit: "",
          decimals: 0,
          width: 12,
          height: 8,
        },
        {
          title: "Lowest charge",
          about: "Of the batteries of each site.",
          draw: "course",
          lines: [{ query: { kind: "site-course", figure: "lowest-charge" }, label: "lowest" }],
          unit: "%",
          range: { from: 0, to: 100 },
          width: 12,
          height: 8,
        },
        ALL_THAT_ACTED,
      ],
    },
  ],
};
