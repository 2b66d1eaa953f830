import { defineCommand } from "../../agent/cli/command.ts";
import { formatTime } from "../../agent/status/status-line.ts";
import { formatColumns } from "../../common/cli/columns.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import { AGENT_FILES } from "../setup/instance-name.ts";
import { systemdServices } from "../setup/systemd.ts";

export interface ListOptions {
  readonly json: boolean;
}

export const list = defineCommand<ListOptions>({
  name: "list",
  about: "Shows every battery that is set up here: its service, the age of its last reading, what waits for delivery.",
  options: ["json"],
  examples: [
    ["bms-agent list", "as a table"],
    ["bms-agent list --json", "one line of JSON each"],
  ],
  read: ({ values }) => ({ json: values.json ?? false }),
  async run({ json }, { clock, print }) {
    const batteries = await findBatteries(systemdServices, AGENT_FILES);
    if (json) for (const battery of batteries) print(`${JSON.stringify(batteryFacts(battery, clock.now()))}\n`);
    else print(batteryTable(batteries, clock.now()));
    return 0;
  },
});

/** What there is to say of one battery. */
export function batteryFacts({ name, address, service, status, isLent }: Battery, now: number) {
  return {
    name,
    address: address ?? null,
    service: serviceWord(service, isLent),
    state: status?.state ?? null,
    last: status?.lastAt === undefined ? null : formatTime(status.lastAt),
    age: status?.lastAt === undefined ? null : Math.max(0, Math.round((now - status.lastAt) / 1000)),
    readings: status?.readings ?? null,
    backlog: status?.backlog ?? null,
  };
}

/** How a service is, in one word or two. */
function serviceWord({ active, sub, enabled, exit }: Battery["service"], isLent: boolean): string {
  if (isLent) return "lent";
  if (active === "active") return "running";
  if (active === "activating") return sub === "auto-restart" ? "restarting" : "starting";
  if (active === "failed") return exit === 2 ? "wrong options" : "failed";
  return enabled === "enabled" ? "stopped" : "disabled";
}

const COLUMNS = ["name", "device", "service", "last reading", "backlog", "state"] as const;

/** For people, with a line that says what to do where there is nothing to show. */
export function batteryTable(batteries: readonly Battery[], now: number): string {
  if (batteries.length === 0) return "no batteries are set up here: sudo bms-agent add\n";
  const rows = batteries.map((battery) => {
    const { name, address, service, state, age, backlog } = batteryFacts(battery, now);
    return [
      name,
      address ?? "?",
      service,
      age === null ? "-" : `${inWords(age)} ago`,
      String(backlog ?? "-"),
      state ?? "",
    ];
  });
  return formatColumns([COLUMNS, ...rows]);
}

/** Seconds as people say them: 45 s, 12 min, 3 h, 2 d. */
function inWords(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
  ] as const;
  const [unit, length] = units.find(([, long]) => seconds >= 2 * long) ?? ["s", 1];
  return `${Math.floor(seconds / length)} ${unit}`;
}
