import { connectAggregator } from "../../agent/outbox/zeromq-client.ts";
import { formatStatusLine } from "../../aggregator/status.ts";
import type { AggregatorStatus } from "../../common/model/status.ts";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import { probeSocketFile } from "../../common/runtime/unix-socket.ts";
import { endpointPath } from "../../common/wire/endpoint.ts";
import type { UnitState } from "../setup/systemd.ts";
import { type Finding, ok, unknown, wrong } from "./finding.ts";

export const AGGREGATOR_UNIT = "bms-aggregator.service";
const ABOUT = "aggregator";
const RESTART = `sudo systemctl restart ${AGGREGATOR_UNIT}`;
/** ZeroMQ greets at once, on a busy computer a little later. */
const GREETING_MS = 5_000;

/**
 * Checks that the aggregator runs and writes to its outputs. `status`: undefined if it may not be read. `explained`: outputs
 * of which a later line gives the reason and the remedy.
 */
export function checkAggregator(
  { load, active, sub, exit }: UnitState,
  status: AggregatorStatus | undefined,
  lastLogLine: string,
  explained: readonly string[],
): Finding {
  if (load === "not-found") return wrong(ABOUT, "is not installed", "install the package bms");
  const reason = lastLogLine ? `: ${lastLogLine}` : "";
  const look = lastLogLine ? undefined : `journalctl -u ${AGGREGATOR_UNIT}`;
  if (active === "active") {
    if (!status)
      return unknown(ABOUT, "is running, but the state of its outputs cannot be read", "run the doctor with sudo");
    const away = status.outputs.filter(({ state }) => state !== "open").map(({ name }) => name);
    if (away.length > 0) {
      const isExplained = away.every((name) => explained.includes(name));
      const message = `cannot write to ${away.join(", ")}`;
      return isExplained ? wrong(ABOUT, message, "see Telegraf below") : wrong(ABOUT, `${message}${reason}`, look);
    }
    return ok(ABOUT, formatStatusLine(status));
  }
  if (active === "failed" && exit === 2) {
    const remedy = `correct /etc/bms/aggregator.env, then sudo systemctl start ${AGGREGATOR_UNIT}`;
    return wrong(ABOUT, `has wrong options${reason}`, remedy);
  }
  if (active === "failed" || sub === "auto-restart") return wrong(ABOUT, `fails again and again${reason}`, look);
  return wrong(ABOUT, "is not running, so readings wait on disk", `sudo systemctl enable --now ${AGGREGATOR_UNIT}`);
}

/** Checks that readings can be delivered to an endpoint. */
export async function checkEndpoint(endpoint: string, uid: number, clock: Clock): Promise<Finding> {
  const about = "endpoint";
  const path = endpointPath(endpoint);
  const code = probeSocketFile(path);
  if (!code) {
    const fault = await greetingFault(endpoint, clock);
    return fault === undefined ? ok(about, `${path} accepts readings`) : wrong(about, fault, RESTART);
  }
  switch (code) {
    case "ENOENT":
      return wrong(about, `${path} does not exist`, RESTART);
    case "ENOTSOCK":
      return wrong(about, `${path} is not a socket`, `move it away, then ${RESTART}`);
    case "EACCES":
    case "EPERM":
      return uid === 0
        ? wrong(about, `root may not use ${path} (${code})`, RESTART)
        : unknown(about, `this user may not use ${path}`, "run the doctor with sudo");
    default:
      return wrong(about, `${path} cannot be used (${code})`);
  }
}

/** Connects as an agent does: a bare connection would be logged by the aggregator as a foreign client. */
async function greetingFault(endpoint: string, clock: Clock): Promise<string | undefined> {
  let answer: (fault?: string) => void = () => {};
  const answered = new Promise<string | undefined>((resolve) => {
    answer = resolve;
  });
  const events = { up: () => answer(), down() {}, message() {}, refused: answer, unreachable: answer };
  const link = connectAggregator(endpoint, events, { clock, uid: process.getuid?.() ?? 0 });
  try {
    return await withDeadline(clock, GREETING_MS, answered, () => new Error("no greeting"));
  } catch {
    return `nothing listens at ${endpointPath(endpoint)}`;
  } finally {
    link.close();
  }
}
