import type { Dashboard } from "../description.ts";
import { ACTED, above, below, DIRECTION } from "./colours.ts";
import { course, courses, newest, panel, states } from "./panels.ts";
import { ALARMS, PROTECTIONS } from "./state-names.ts";

/** Spread of the cells, mV, from which a warning is shown, and an alarm. */
const SPREAD = above(100, 200);
const ON = { 0: { text: "off", colour: "transparent" }, 1: { text: "balancing", colour: "blue" } } as const;
const MOSFETS = {
  0: { text: "charge off, discharge off", colour: "red" },
  1: { text: "charge on, discharge off", colour: "orange" },
  2: { text: "charge off, discharge on", colour: "orange" },
  3: { text: "both on", colour: "green" },
} as const;

export const pack: Dashboard = {
  name: "pack",
  title: "Pack",
  about: "One pack: its cells and their spread, balancing, temperatures, protections in words.",
  from: "now-24h",
  oneMeter: true,
  sections: [
    {
      title: "Now",
      panels: [
        newest("percent", {
          title: "Charge",
          about: "State of charge.",
          draw: "gauge",
          width: 4,
          height: 6,
          range: { from: 0, to: 100 },
          colours: below(40, 20),
        }),
        newest("volts", { title: "Voltage", about: "Voltage of the pack.", width: 5, height: 3 }),
        newest("amps", {
          title: "Current",
          about: "Positive while charging.",
          width: 5,
          height: 3,
          colours: DIRECTION,
        }),
        newest("watts", { title: "Power", about: "Positive while charging.", width: 5, height: 3, colours: DIRECTION }),
        newest("remain", { title: "Charge left", about: "As the pack counts it.", width: 5, height: 3 }),
        newest("capacity", { title: "Nominal capacity", about: "As set in the pack.", width: 5, height: 3 }),
        newest("full", {
          title: "Learned capacity",
          about: "Charge from empty to full, as learned.",
          width: 5,
          height: 3,
        }),
        newest("health", { title: "Health", about: "State of health.", width: 5, height: 3 }),
        newest("cycles", { title: "Cycles", about: "Completed charge cycles.", width: 5, height: 3 }),
        newest("cells", { title: "Cells", about: "Number of cells, as reported.", width: 4, height: 3 }),
        newest("delta", {
          title: "Spread",
          about: "Highest less lowest cell voltage.",
          width: 4,
          height: 3,
          colours: SPREAD,
        }),
        newest("mincell", { title: "Lowest cell", about: "Its number.", width: 4, height: 3 }),
        newest("maxcell", { title: "Highest cell", about: "Its number.", width: 4, height: 3 }),
        newest("fet", {
          title: "MOSFETs",
          about: "Switches of the pack, as reported.",
          width: 8,
          height: 3,
          words: MOSFETS,
        }),
      ],
    },
    {
      title: "Cells",
      panels: [
        panel(
          { kind: "newest-of-each", family: "cell" },
          {
            title: "Cells now",
            about: "Voltage of each cell, for any number of cells.",
            draw: "bars",
            width: 24,
            height: 8,
            unit: "mV",
            decimals: 0,
            empty: "this meter reports no cells",
          },
        ),
        panel(
          { kind: "courses", family: "cell", of: "mean" },
          {
            title: "Cells",
            about: "Voltage of each cell. A gap is a time without readings.",
            draw: "course",
            width: 24,
            height: 10,
            unit: "mV",
            decimals: 0,
          },
        ),
        courses(
          { cellmax: "highest", cellmin: "lowest" },
          { title: "Highest and lowest cell", about: "Their distance is the spread.", width: 12, height: 8 },
        ),
        course("delta", {
          title: "Spread",
          about: "Highest less lowest cell voltage.",
          width: 12,
          height: 8,
          colours: SPREAD,
        }),
        panel(
          { kind: "courses", family: "balancing", of: "highest" },
          {
            title: "Balancing",
            about: "Blue while the pack balances a cell.",
            draw: "states",
            width: 24,
            height: 10,
            unit: "",
            words: ON,
          },
        ),
      ],
    },
    {
      title: "Temperatures",
      panels: [
        panel(
          { kind: "courses", family: "temperature", of: "mean" },
          {
            title: "Sensors",
            about: "Temperature of each sensor.",
            draw: "course",
            width: 12,
            height: 8,
            unit: "°C",
            decimals: 1,
          },
        ),
        panel(
          { kind: "newest-of-each", family: "temperature" },
          {
            title: "Sensors now",
            about: "Temperature of each sensor.",
            draw: "bars",
            width: 12,
            height: 8,
            unit: "°C",
            decimals: 1,
          },
        ),
      ],
    },
    {
      title: "Protections and alarms",
      panels: [
        states(PROTECTIONS, {
          title: "Protections and faults",
          about: "Red while a protection holds the pack. A gap is a time without readings.",
          width: 24,
          height: 11,
          words: ACTED,
          empty: "this meter reports no protections",
        }),
        states(ALARMS, {
          title: "Alarms",
          about: "Alarms stop nothing yet.",
          width: 24,
          height: 9,
          words: ACTED,
          empty: "this meter reports no alarms",
        }),
        courses(
          {
            protect: "protection word",
            protect2: "protection word, from bit 32",
            alarm: "alarm word",
            alarm2: "alarm word, from bit 32",
          },
          { title: "Words as reported", about: "For questions to the maker.", width: 24, height: 6 },
        ),
      ],
    },
    {
      title: "Of some packs: limits, counters, balancer, heating",
      rare: true,
      panels: [
        course("balancing", {
          title: "Balancer",
          about: "For packs that do not report which cell is balanced.",
          draw: "states",
          width: 12,
          height: 8,
          words: ON,
        }),
        course("balanceamps", {
          title: "Balancing current",
          about: "As the pack reports it.",
          width: 12,
          height: 8,
        }),
        courses(
          { mostemp: "MOSFETs", boardtemp: "circuit board", balancetemp: "balancer", ambient: "surroundings" },
          { title: "Electronics", about: "Temperatures beside the cells.", width: 12, height: 8 },
        ),
        course("heating", {
          title: "Heating",
          about: "While the pack heats its cells.",
          draw: "states",
          width: 12,
          height: 8,
          words: { 0: { text: "off", colour: "transparent" }, 1: { text: "heating", colour: "orange" } },
        }),
        courses(
          { maxcharge: "charging", maxdischarge: "discharging" },
          {
            title: "Current allowed",
            about: "The highest that the pack allows at present.",
            width: 12,
            height: 8,
          },
        ),
        courses(
          { inah: "put in", outah: "taken out" },
          { title: "Charge since new", about: "As the pack counts it.", width: 12, height: 8 },
        ),
      ],
    },
  ],
};
