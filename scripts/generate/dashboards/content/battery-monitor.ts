import type { Dashboard } from "../description.ts";
import { below, DIRECTION } from "./colours.ts";
import { course, courses, newest } from "./panels.ts";

export const batteryMonitor: Dashboard = {
  name: "battery-monitor",
  title: "Battery monitor",
  about: "One battery monitor with a shunt, such as a Thornwave: voltage, current, meters, temperature.",
  from: "now-2d",
  oneMeter: true,
  sections: [
    {
      title: "Now",
      panels: [
        newest("volts", { title: "Voltage", about: "Voltage of the battery.", width: 6, height: 4 }),
        newest("volts2", { title: "Second voltage", about: "Voltage of the second input.", width: 6, height: 4 }),
        newest("amps", {
          title: "Current",
          about: "Positive while charging.",
          width: 6,
          height: 4,
          colours: DIRECTION,
        }),
        newest("watts", { title: "Power", about: "Positive while charging.", width: 6, height: 4, colours: DIRECTION }),
        newest("percent", {
          title: "Charge",
          about: "State of charge, if the device counts it.",
          draw: "gauge",
          width: 6,
          height: 4,
          range: { from: 0, to: 100 },
          colours: below(40, 20),
        }),
        newest("peak", {
          title: "Peak current",
          about: "Highest current since the meter was reset.",
          width: 6,
          height: 4,
        }),
        newest("runtime", {
          title: "Time left",
          about: "At the present load, as the device reckons.",
          width: 6,
          height: 4,
        }),
        newest("uptime", {
          title: "Up",
          about: "Time since the device started.",
          width: 6,
          height: 4,
          unit: "duration",
        }),
      ],
    },
    {
      title: "Course",
      panels: [
        course("watts", { title: "Power", about: "Positive while charging.", width: 12, height: 8 }),
        course("amps", { title: "Current", about: "Positive while charging.", width: 12, height: 8 }),
        courses(
          { volts: "battery", volts2: "second input", midvolts: "midpoint" },
          { title: "Voltage", about: "All inputs.", width: 12, height: 8 },
        ),
        course("temp", { title: "Temperature", about: "Temperature at the sensor.", width: 12, height: 8 }),
        course("kwh", { title: "Energy meter", about: "As the device counts it.", width: 12, height: 8, decimals: 2 }),
        course("ah", { title: "Charge meter", about: "As the device counts it.", width: 12, height: 8 }),
      ],
    },
    {
      title: "Of some devices: solar, converters, AC",
      rare: true,
      panels: [
        course("consumed", {
          title: "Charge missing",
          about: "Since the battery was last full.",
          width: 12,
          height: 8,
        }),
        course("pvwatts", { title: "Solar power", about: "Power of the panels.", width: 12, height: 8 }),
        course("yield", {
          title: "Solar energy",
          about: "Since midnight, as the device counts it.",
          width: 12,
          height: 8,
        }),
        course("involts", { title: "Input voltage", about: "Of a DC converter.", width: 8, height: 8 }),
        courses(
          { inamps: "input", loadamps: "load output" },
          { title: "Input and load", about: "Currents beside the battery's.", width: 8, height: 8 },
        ),
        courses(
          { acwatts: "output", acinwatts: "input" },
          { title: "AC power", about: "The input is negative while feeding in.", width: 8, height: 8 },
        ),
        course("acvolts", { title: "AC voltage", about: "Of the output.", width: 8, height: 8 }),
        course("acamps", { title: "AC current", about: "Of the output.", width: 8, height: 8 }),
        course("acva", { title: "AC apparent power", about: "Of the output.", width: 8, height: 8 }),
        courses(
          { state: "operating state", errorcode: "error code", offreason: "reasons for being off" },
          { title: "States as reported", about: "The maker's documents have their meaning.", width: 24, height: 6 },
        ),
      ],
    },
  ],
};
