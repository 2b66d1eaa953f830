/** The batteries of the proof, as the virtual adapter has them. */
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
/** The pack's. */
export const PASSWORD = "123456";
/** The version that the upgrade brings. */
export const NEWER = "99.0.0";

/** What the host has laid down, and what it is given. */
export const SHARE = "/share";
/** The machine's own copy of the programs. */
export const PROGRAMS = "/opt/proof";
/** What Telegraf has written. */
export const ROWS = "/var/lib/telegraf/rows";
/** What the batteries have said. */
export const ANSWERS = "/var/lib/air/answers.jsonl";
