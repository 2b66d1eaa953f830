import type { Dashboard } from "../description.ts";
import { below, DIRECTION } from "./colours.ts";
import { ALL_THAT_ACTED, course, newest, panel } from "./panels.ts";

export const house: Dashboard = {
  name: "house",
  title: "House",
  about: "All batteries at a glance: charge, power with its direction, time left, alarms, and who is silent.",
  from: "now-24h",
  sections: [
    {
      title: "Now",
      panels: [
        newest("percent", {
          title: "Charge",
          about: "State of charge. A meter without a reading is missing here.",
          draw: "gauge",
          width: 8,
          height: 6,
          range: { from: 0, to: 100 },
          colours: below(40, 20),
        }),
        newest("watts", {
          title: "Power",
          about: "Positive while charging, negative while discharging.",
          width: 6,
          height: 6,
          decimals: 0,
          colours: DIRECTION,
        }),
        panel(
          { kind: "hours-left" },
          {
            title: "Time left",
            about:
              "Charge left divided by the mean current of the last ten minutes. Missing while a battery charges or rests.",
            draw: "tiles",
            width: 4,
            height: 6,
            unit: "h",
            decimals: 1,
            colours: below(12, 4),
            empty: "nothing discharges",
          },
        ),
        panel(
          { kind: "last-seen" },
          {
            title: "Last measurement",
            about: "A battery that does not answer, or whose agent is away, grows old here.",
            draw: "rows",
            width: 6,
            height: 6,
            unit: "ago",
          },
        ),
      ],
    },
    {
      title: "Course",
      panels: [
        course("watts", {
          title: "Power",
          about: "Positive while charging. A gap is a time without readings.",
          width: 12,
          height: 9,
        }),
        course("percent", {
          title: "Charge",
          about: "State of charge, as the device counts it.",
          width: 12,
          height: 9,
          range: { from: 0, to: 100 },
        }),
        course("volts", { title: "Voltage", about: "Voltage of the pack or battery.", width: 12, height: 8 }),
        course("amps", { title: "Current", about: "Positive while charging.", width: 12, height: 8 }),
      ],
    },
    {
      title: "Protections and alarms",
      panels: [
        ALL_THAT_ACTED,
        panel(
          { kind: "course", quantity: "online", of: "lowest" },
          {
            title: "Answering",
            about: "Red while a battery does not answer. A gap: its agent sends nothing.",
            draw: "states",
            width: 24,
            height: 5,
            unit: "",
            words: { 0: { text: "does not answer", colour: "red" }, 1: { text: "answers", colour: "green" } },
          },
        ),
      ],
    },
  ],
};
