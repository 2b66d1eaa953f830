import { AGENT } from "../../agent/cli/program.ts";
import { AGGREGATOR } from "../../aggregator/cli/program.ts";
import type { Program } from "../../common/cli/command-line.ts";
import { CONTROL } from "../../control/program.ts";
import { VIEWER } from "../../viewer/cli/program.ts";

/** A program with what its documentation needs besides its command line. */
export interface DocumentedProgram extends Program {
  /** For whatis(1): half a sentence. */
  readonly summary: string;
  readonly files: readonly (readonly [path: string, about: string])[];
}

const AGENT_FILES = [
  "/etc/bms/agents/NAME.env",
  "Options of the service bms-agent@NAME. bmsctl add writes it.",
] as const;
const COMMON_FILE = ["/etc/bms/common.env", "Options of every service."] as const;

export const PROGRAMS: readonly DocumentedProgram[] = [
  {
    ...AGENT,
    summary: "read a battery monitor over Bluetooth LE",
    files: [
      AGENT_FILES,
      COMMON_FILE,
      ["/run/bms-agent/NAME/status.json", "Status of the service, rewritten at most once a second."],
      ["/etc/bms/pins/NAME", "The password of a battery, for root alone (mode 0600). systemd passes it to its agent."],
      ["/var/lib/bms/agent-NAME", "Readings that wait for delivery."],
    ],
  },
  {
    ...AGGREGATOR,
    summary: "deliver the readings of all batteries to Telegraf",
    files: [
      ["/etc/bms/aggregator.env", "Options of the service."],
      COMMON_FILE,
      ["/run/bms/readings.sock", "Socket on which agents deliver."],
      ["/run/bms/status.json", "Status of the service, rewritten at most once a second."],
      ["/usr/share/bms/telegraf", "Snippets for Telegraf's configuration."],
    ],
  },
  {
    ...VIEWER,
    summary: "show the readings of all batteries as a page",
    files: [
      ["/etc/bms/viewer.env", "Options of the service."],
      COMMON_FILE,
      ["/etc/bms/alerts.toml", "Rules and targets of alerts."],
      ["/run/bms/live.sock", "Live feed of the aggregator."],
      ["/var/lib/bms/viewer", "History, and the token of the page."],
    ],
  },
  {
    ...CONTROL,
    summary: "set up, list and check the batteries of this machine",
    files: [AGENT_FILES, COMMON_FILE, ["/run/bms-agent/NAME/status.json", "Status that bmsctl list shows."]],
  },
];
