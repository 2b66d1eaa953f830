import { formatState, formatTime } from "../../agent/status/status-line.ts";
import { defineCommand } from "../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../common/cli/option.ts";
import { formatAge, formatColumns } from "../../common/cli/text.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import { INSTALLATION } from "../setup/installation.ts";
import { systemd } from "../setup/systemd.ts";

export const list = defineCommand({
  name: "list",
  about: "Shows every battery that is set up here: its service, its newest values and their age, its backlog.",
  options: { json: SHARED_OPTIONS.json },
  examples: [
    ["bmsctl list", "as a table"],
    ["bmsctl list --json", "one line of JSON per battery"],
  ],
  read: ({ values }) => values,
  async run({ json }, { clock, print }) {
    const batteries = await findBatteries(INSTALLATION, systemd);
    if (json) for (const battery of batteries) print(`${JSON.stringify(batteryFacts(battery, clock.now()))}\n`);
    else print(batteryTable(batteries, clock.now()));
    return 0;
  },
});

/** A battery as --json prints it; null means unknown. */
export function batteryFacts({ name, address, service, status, isReleased }: Battery, now: number) {
  const lastAt = status?.lastReadingAt;
  return {
    name,
    site: status?.site ?? null,
    address: address ?? null,
    service: serviceWord(service, isReleased),
    driver: status?.driver ?? null,
    state: status?.state ?? null,
    fault: status?.fault ?? null,
    last: lastAt === undefined ? null : formatTime(lastAt),
    age: lastAt === undefined ? null : Math.max(0, Math.round((now - lastAt) / 1000)),
    volts: status?.sample?.volts ?? null,
    amps: status?.sample?.amps ?? null,
    percent: status?.sample?.percent ?? null,
    readings: status?.readings ?? null,
    backlog: status?.backlog ?? null,
    dropped: status?.dropped ?? null,
    rssi: status?.rssi ?? null,
  };
}

/** The state of a service in one or two words. */
function serviceWord({ active, sub, enabled, exit }: Battery["service"], isReleased: boolean): string {
  if (isReleased) return "released";
  if (active === "active") return "running";
  if (active === "activating") return sub === "auto-restart" ? "restarting" : "starting";
  if (active === "failed") return exit === 2 ? "wrong options" : "failed";
  return enabled === "enabled" ? "stopped" : "disabled";
}

const COLUMNS = ["name", "site", "device", "service", "volts", "percent", "last reading", "backlog", "state"] as const;

/** For people, with a hint if there is nothing to show. */
export function batteryTable(batteries: readonly Battery[], now: number): string {
  if (batteries.length === 0) return "no batteries are set up here: sudo bmsctl add\n";
  const rows = batteries.map((battery) => {
    const { name, site, address, service, volts, percent, age, backlog } = batteryFacts(battery, now);
    return [
      name,
      site ?? "",
      address ?? "?",
      service,
      volts === null ? "-" : `${volts.toFixed(2)} V`,
      percent === null ? "-" : `${percent.toFixed(0)} %`,
      age === null ? "-" : `${formatAge(age)} ago`,
      String(backlog ?? "-"),
      battery.status ? formatState(battery.status) : "",
    ];
  });
  const table = [COLUMNS, ...rows];
  const hasSites = batteries.some(({ status }) => status?.site !== undefined);
  return formatColumns(hasSites ? table : table.map(([name = "", , ...rest]) => [name, ...rest]));
}
