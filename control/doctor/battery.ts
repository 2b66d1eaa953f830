import type { Battery } from "../setup/batteries.ts";
import { unitOf } from "../setup/instance-name.ts";
import { type Finding, ok, unknown, wrong } from "./finding.ts";

/** What was looked up about a battery besides its service. */
export interface BatteryFacts {
  /** Variables of its environment file; undefined where it may not be read or there is none. */
  readonly variables: ReadonlyMap<string, string> | undefined;
  /** Permission bits of that file. */
  readonly fileMode: number | undefined;
  /** The last thing its service has said; empty where the journal may not be read. */
  readonly lastWords: string;
  /** Where the aggregator takes readings. */
  readonly endpoint: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

const DEFAULT_INTERVAL_S = 10;
/** Readings that may be missing, and time besides, before a connected battery counts as silent. */
const PATIENCE = { readings: 3, seconds: 30 };

export function judgeBattery(battery: Battery, facts: BatteryFacts): Finding[] {
  return [judgeService(battery, facts), ...judgeSettings(battery, facts)];
}

function judgeService({ name, service, status, isLent }: Battery, facts: BatteryFacts): Finding {
  const unit = unitOf(name);
  const said = facts.lastWords ? `: ${facts.lastWords}` : `, and "journalctl -u ${unit}" tells why`;
  if (isLent) return ok(name, `is lent; sudo systemctl start ${unit} takes it back now`);
  if (service.active === "failed") {
    return service.exit === 2
      ? wrong(name, `has wrong options${said}; mend /etc/bms/agents/${name}.env, then sudo systemctl start ${unit}`)
      : wrong(name, `has ended${said}; sudo systemctl start ${unit}`);
  }
  if (service.active === "activating") {
    return service.sub === "auto-restart" ? wrong(name, `ends again and again${said}`) : unknown(name, "is starting");
  }
  if (service.active !== "active") return wrong(name, `does not run: sudo systemctl enable --now ${unit}`);
  if (!status) return unknown(name, `runs: ${service.status || "it has not said anything yet"}`);
  if (status.state !== "connected") return wrong(name, withRemedy(status.state));
  const interval = Number(facts.variables?.get("BMS_INTERVAL") ?? DEFAULT_INTERVAL_S);
  const age = status.lastAt === undefined ? Number.POSITIVE_INFINITY : (facts.now - status.lastAt) / 1000;
  if (age > PATIENCE.readings * interval + PATIENCE.seconds) {
    return wrong(name, `says that it is connected, but its last reading is old: sudo systemctl restart ${unit}`);
  }
  return ok(name, `${service.status}`);
}

/** Most reasons say what to do; of a link that is lost only the person on the spot can know why. */
function withRemedy(state: string): string {
  const [, reason = ""] = /\((?:[\dA-F:]{17}: )?(.*)\)$/.exec(state) ?? [];
  const saysWhatToDo = /[:;] [a-z]/.test(reason);
  return saysWhatToDo ? state : `${state}: see that it is on, near enough, and connected to no phone`;
}

function judgeSettings({ name }: Battery, { variables, fileMode, endpoint }: BatteryFacts): Finding[] {
  const file = `/etc/bms/agents/${name}.env`;
  const findings: Finding[] = [];
  if (variables?.has("BMS_PIN") && fileMode !== undefined && (fileMode & 0o007) !== 0) {
    const remedy = `sudo chown root:bms ${file} && sudo chmod 640 ${file}`;
    findings.push(wrong(name, `its password can be read by every user of this computer: ${remedy}`));
  }
  const own = variables?.get("BMS_ENDPOINT");
  if (own !== undefined && own !== endpoint) {
    const remedy = `remove BMS_ENDPOINT from ${file}, or set it in /etc/bms/common.env for all`;
    findings.push(wrong(name, `delivers to ${own}, but the aggregator takes readings at ${endpoint}: ${remedy}`));
  }
  return findings;
}
