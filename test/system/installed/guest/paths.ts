import { join } from "node:path";

/** The batteries behind the virtual adapter. */
export const BATTERIES = [
  { name: "bms", address: "A4:C1:37:00:00:01" },
  { name: "solar", address: "C0:00:00:00:00:01" },
  { name: "inverter", address: "C0:00:00:00:00:02" },
] as const;

export type BatteryName = (typeof BATTERIES)[number]["name"];

export const NAMES = BATTERIES.map(({ name }) => name);

export function addressOf(wanted: BatteryName): string {
  return BATTERIES.find(({ name }) => name === wanted)?.address ?? "";
}

/** Seconds from one reading to the next. */
export const INTERVAL_S = 3;
/** The password of the pack. */
export const PASSWORD = "123456";
/** The version that the upgrade brings. */
export const NEWER = "99.0.0";

/** The folder that the host shares. */
export const SHARE = "/share";
/** The machine's copy of the suite's programs. */
export const PROGRAMS = "/opt/test";
/** Telegraf's output in line protocol. */
export const ROWS = "/var/lib/telegraf/rows";
/** The log of the batteries' answers. */
export const ANSWERS = "/var/lib/simulator/answers.jsonl";
/** Events for the verdict about every reading. On the disk, as they continue after the reboot. */
export const EVENTS = join(PROGRAMS, "events.jsonl");
