import type { Dashboard, Line } from "../description.ts";
import { below, CHARGING, DISCHARGING } from "./colours.ts";
import { courses } from "./panels.ts";

const IN_AND_OUT: readonly Line[] = [
  { query: { kind: "energy", direction: "in" }, label: "in", colour: CHARGING },
  { query: { kind: "energy", direction: "out" }, label: "out", colour: DISCHARGING, isDownward: true },
];
const TOTAL: readonly Line[] = [
  { query: { kind: "total-energy", direction: "in" }, label: "in", colour: CHARGING },
  { query: { kind: "total-energy", direction: "out" }, label: "out", colour: DISCHARGING },
];
const HOW = "Integrated from the measured power over the time with readings; also for packs without an energy meter.";

export const energy: Dashboard = {
  name: "energy",
  title: "Energy",
  about:
    "Energy in and out of every battery, per day and over longer times, and the part of each day that was observed.",
  from: "now-14d",
  // The sums of a year are work for a small board.
  refresh: "15m",
  sections: [
    {
      title: "Totals",
      panels: [
        { title: "Today", since: "now/d" },
        { title: "This month", since: "now/M" },
        { title: "Time range", since: undefined },
      ].map(({ title, since }) => ({
        title,
        about: HOW,
        draw: "tiles" as const,
        lines: TOTAL,
        unit: "kWh",
        decimals: 2,
        width: 8,
        height: 6,
        ...(since && { since }),
        empty: "no power was measured",
      })),
    },
    {
      title: "Days",
      panels: [
        {
          title: "Energy per day",
          about: `In above zero, out below it. ${HOW}`,
          draw: "days",
          lines: IN_AND_OUT,
          unit: "kWh",
          decimals: 2,
          width: 24,
          height: 10,
        },
        {
          title: "Part of the day observed",
          about: "Energy of a time without readings is in no sum: a day of 50 % may have had twice as much.",
          draw: "parts",
          lines: [{ query: { kind: "observed" } }],
          unit: "part",
          decimals: 0,
          colours: below(0.95, 0.5),
          range: { from: 0, to: 1 },
          width: 24,
          height: 7,
        },
      ],
    },
    {
      title: "Months",
      rare: true,
      panels: [
        {
          title: "Energy per month",
          about: `${HOW} The month that goes on, and the eleven before it.`,
          draw: "months",
          lines: IN_AND_OUT.map(({ query, label }) => ({ query, ...(label && { label }) })),
          since: "11M/M",
          unit: "kWh",
          decimals: 2,
          width: 24,
          height: 8,
          empty: "no power was measured",
        },
      ],
    },
    {
      title: "Meters of the devices",
      panels: [
        courses(
          { kwh: "energy meter" },
          {
            title: "Energy meter",
            about:
              "As the device counts it, for those that have one. It falls while discharging, and begins anew when it is reset.",
            width: 12,
            height: 8,
            decimals: 2,
          },
        ),
        courses(
          { ah: "charge meter" },
          { title: "Charge meter", about: "As the device counts it, for those that have one.", width: 12, height: 8 },
        ),
      ],
    },
  ],
};
