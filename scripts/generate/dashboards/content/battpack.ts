import type { Dashboard } from "../description.ts";
import { ACTED, DIRECTION } from "./colours.ts";
import { course, courses, newest, panel, states } from "./panels.ts";
import { PROTECTIONS } from "./state-names.ts";

/** The measurement of tgalarneau/bms holds watt-hours under the name `kwh`. */
const WATT_HOURS = { unit: "Wh", decimals: 1 };

const pack: Dashboard = {
  name: "jbdbms",
  title: "JBD pack (battpack)",
  about: "The original's dashboard of a pack, for any number of packs and cells, on its own measurement.",
  from: "now-6h",
  oneMeter: true,
  sections: [
    {
      title: "Pack",
      panels: [
        newest("volts", { title: "Voltage", about: "Voltage of the pack.", width: 6, height: 5 }),
        newest("amps", {
          title: "Current",
          about: "Positive while charging.",
          width: 6,
          height: 5,
          colours: DIRECTION,
        }),
        newest("percent", {
          title: "Charge",
          about: "State of charge.",
          width: 6,
          height: 5,
          draw: "gauge",
          range: { from: 0, to: 100 },
        }),
        newest("remain", { title: "Charge left", about: "As the pack counts it.", width: 6, height: 5 }),
        newest("cellmin", { title: "Lowest cell", about: "Its voltage.", width: 8, height: 4 }),
        newest("cellmax", { title: "Highest cell", about: "Its voltage.", width: 8, height: 4 }),
        newest("delta", { title: "Spread", about: "Highest less lowest cell voltage.", width: 8, height: 4 }),
      ],
    },
    {
      title: "Cells",
      panels: [
        panel(
          { kind: "newest-of-each", family: "cell" },
          {
            title: "Cells",
            about: "Voltage of each cell.",
            draw: "bars",
            width: 24,
            height: 8,
            unit: "mV",
            decimals: 0,
          },
        ),
        panel(
          { kind: "newest-of-each", family: "balancing" },
          {
            title: "Balancing",
            about: "Cells that the pack balances.",
            draw: "tiles",
            width: 24,
            height: 5,
            unit: "",
            words: { 0: { text: "off", colour: "text" }, 1: { text: "balancing", colour: "blue" } },
          },
        ),
      ],
    },
    {
      title: "Course",
      panels: [
        course("amps", { title: "Current", about: "Positive while charging.", width: 24, height: 9 }),
        panel(
          { kind: "newest-of-each", family: "temperature" },
          {
            title: "Temperatures",
            about: "Of each sensor.",
            draw: "tiles",
            width: 8,
            height: 6,
            unit: "°C",
            decimals: 1,
          },
        ),
        states(PROTECTIONS, {
          title: "Protections and faults",
          about: "From the right bits of the word: the original read it from the wrong end.",
          width: 16,
          height: 11,
          words: ACTED,
        }),
      ],
    },
  ],
};

const monitor: Dashboard = {
  name: "thornwave",
  title: "Thornwave (battpack)",
  about: "The original's dashboard of battery monitors, for any number of them, on its own measurement.",
  from: "now-2d",
  sections: [
    {
      title: "Course",
      panels: [
        course("watts", { title: "Power", about: "Positive while charging.", width: 24, height: 9 }),
        course("volts", { title: "Voltage", about: "Voltage of the battery.", width: 12, height: 8 }),
        course("temp", { title: "Temperature", about: "At the sensor.", width: 12, height: 8 }),
      ],
    },
    {
      title: "Now",
      panels: [
        newest("amps", {
          title: "Current",
          about: "Positive while charging.",
          width: 6,
          height: 5,
          colours: DIRECTION,
        }),
        newest("volts", { title: "Voltage", about: "Voltage of the battery.", width: 6, height: 5 }),
        newest("watts", { title: "Power", about: "Positive while charging.", width: 6, height: 5, colours: DIRECTION }),
        newest("temp", { title: "Temperature", about: "At the sensor.", width: 6, height: 5 }),
        newest("ah", { title: "Charge meter", about: "As the device counts it.", width: 8, height: 5 }),
        newest("kwh", {
          title: "Energy meter",
          about: "Watt-hours: the original labels them as kilowatt-hours.",
          width: 8,
          height: 5,
          ...WATT_HOURS,
        }),
        newest("peak", { title: "Peak current", about: "Since the meter was reset.", width: 8, height: 5 }),
        courses(
          { kwh: "energy meter" },
          {
            title: "Energy meter",
            about: "Watt-hours, as the device counts them.",
            width: 24,
            height: 8,
            ...WATT_HOURS,
          },
        ),
      ],
    },
  ],
};

/** For those who continue the history of tgalarneau/bms: its two dashboards without their faults. */
export const BATTPACK_DASHBOARDS: readonly Dashboard[] = [pack, monitor];
