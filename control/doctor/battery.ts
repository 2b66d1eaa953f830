import { formatState, formatStatusLine } from "../../agent/status/status-line.ts";
import type { AgentStatus } from "../../common/model/status.ts";
import type { Battery } from "../setup/batteries.ts";
import { INSTALLATION } from "../setup/installation.ts";
import { unitOf } from "../setup/instance-name.ts";
import { type Finding, ok, unknown, wrong } from "./finding.ts";
import { checkVariables } from "./settings.ts";

/** Facts about a battery besides its service. */
export interface BatteryFacts {
  /** Variables of its environment file; undefined if it may not be read or does not exist. */
  readonly variables: ReadonlyMap<string, string> | undefined;
  /** Permission bits of that file. */
  readonly fileMode: number | undefined;
  /** The last log line of its service; empty if the journal may not be read. */
  readonly lastLogLine: string;
  /** The endpoint on which the aggregator receives readings. */
  readonly endpoint: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

const DEFAULT_INTERVAL_S = 10;
/** A connected battery counts as silent after this many intervals and seconds. */
const PATIENCE = { intervals: 3, seconds: 30 };
/** Faults without a cause that software could know. */
const UNEXPLAINED: ReadonlySet<string> = new Set([
  "connect-failed",
  "disconnected",
  "timeout",
  "truncated",
  "checksum",
  "malformed",
]);

export function checkBattery(battery: Battery, facts: BatteryFacts): Finding[] {
  return [checkService(battery, facts), ...checkSettings(battery, facts)];
}

function checkService({ name, service, status, isReleased }: Battery, facts: BatteryFacts): Finding {
  const unit = unitOf(name);
  const reason = facts.lastLogLine ? `: ${facts.lastLogLine}` : "";
  const look = facts.lastLogLine ? undefined : `journalctl -u ${unit}`;
  if (isReleased) return ok(name, `is released; sudo systemctl start ${unit} takes it back now`);
  switch (service.active) {
    case "active":
      return status ? checkStatus(name, status, facts) : unknown(name, "is running, without a status yet");
    case "failed":
      return service.exit === 2
        ? wrong(
            name,
            `has wrong options${reason}`,
            `correct /etc/bms/agents/${name}.env, then sudo systemctl start ${unit}`,
          )
        : wrong(name, `has failed${reason}`, `sudo systemctl start ${unit}`);
    case "activating":
      return service.sub === "auto-restart"
        ? wrong(name, `fails again and again${reason}`, look)
        : unknown(name, "is starting");
    default:
      return wrong(name, "is not running", `sudo systemctl enable --now ${unit}`);
  }
}

function checkStatus(name: string, status: AgentStatus, { variables, now }: BatteryFacts): Finding {
  const { state, fault, lastReadingAt = Number.NEGATIVE_INFINITY } = status;
  if (state === "connecting" && !fault) return unknown(name, "is connecting");
  if (state !== "connected" || fault) {
    const isUnexplained = fault && UNEXPLAINED.has(fault.kind);
    const remedy = isUnexplained ? "check that it is on, in range, and not connected to a phone" : undefined;
    return wrong(name, formatState(status), remedy);
  }
  const interval = Number(variables?.get("BMS_INTERVAL") ?? DEFAULT_INTERVAL_S);
  if (now - lastReadingAt > (PATIENCE.intervals * interval + PATIENCE.seconds) * 1000) {
    return wrong(name, "is connected, but its last reading is old", `sudo systemctl restart ${unitOf(name)}`);
  }
  return ok(name, formatStatusLine(status));
}

function checkSettings({ name }: Battery, { variables, fileMode, endpoint }: BatteryFacts): Finding[] {
  const file = `/etc/bms/agents/${name}.env`;
  const findings = checkVariables(name, file, variables?.keys() ?? []);
  if (variables?.has("BMS_PIN")) {
    const isPublic = fileMode !== undefined && (fileMode & 0o007) !== 0;
    const readers = isPublic ? "every user of this computer" : "the other agents";
    const remedy = `put it into ${INSTALLATION.pins}/${name} (sudo, mode 600) instead of BMS_PIN in ${file}, and restart ${unitOf(name)}`;
    findings.push(wrong(name, `its password can be read by ${readers}`, remedy));
  }
  const own = variables?.get("BMS_ENDPOINT");
  if (own !== undefined && own !== endpoint) {
    const remedy = `remove BMS_ENDPOINT from ${file}, or set it in /etc/bms/common.env for all`;
    findings.push(wrong(name, `delivers to ${own}, but the aggregator listens at ${endpoint}`, remedy));
  }
  return findings;
}
