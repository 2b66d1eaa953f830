import { connectDealer } from "../../agent/outbox/zeromq-client.ts";
import { type AggregatorStatus, parseAggregatorStatus } from "../../common/model/status.ts";
import { type Clock, withDeadline } from "../../common/runtime/clock.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";
import { probeSocketFile } from "../../common/runtime/unix-socket.ts";
import { endpointPath } from "../../common/wire/endpoint.ts";
import type { UnitState } from "../setup/systemd.ts";
import { type Finding, ok, unknown, wrong } from "./finding.ts";

export const AGGREGATOR_UNIT = "bms-aggregator.service";
const ABOUT = "aggregator";
/** ZeroMQ greets at once, a busy computer a little later. */
const GREETING_MS = 5_000;

/** The status that the installed aggregator writes; undefined if it cannot be read. */
export function readAggregatorStatus(runtimeDirectory = "/run/bms"): AggregatorStatus | undefined {
  try {
    return readStatusFile(statusPath(runtimeDirectory), parseAggregatorStatus);
  } catch {
    return undefined;
  }
}

/** Whether the aggregator runs and can write to every output. */
export function judgeAggregator(unit: UnitState, report: AggregatorStatus | undefined, lastWords: string): Finding {
  const { active, sub, exit, status } = unit;
  const said = lastWords ? `: ${lastWords}` : `, and "journalctl -u ${AGGREGATOR_UNIT}" tells why`;
  if (active === "active") {
    if (!report) return unknown(ABOUT, "runs, but the state of its outputs cannot be read: run the doctor with sudo");
    const closed = report.outputs.filter(({ state }) => state !== "open").map(({ name }) => name);
    return closed.length === 0
      ? ok(ABOUT, status || "runs")
      : wrong(ABOUT, `cannot write to ${closed.join(", ")}${said}`);
  }
  if (active === "failed" && exit === 2) {
    return wrong(
      ABOUT,
      `has wrong options${said}; mend /etc/bms/aggregator.env, then sudo systemctl start ${AGGREGATOR_UNIT}`,
    );
  }
  if (active === "failed" || sub === "auto-restart") return wrong(ABOUT, `ends again and again${said}`);
  return wrong(ABOUT, `does not run, so readings wait on disk: sudo systemctl enable --now ${AGGREGATOR_UNIT}`);
}

/** Whether readings can be handed over at an endpoint. */
export async function examineEndpoint(endpoint: string, clock: Clock): Promise<Finding> {
  const path = endpointPath(endpoint);
  const code = (await probeSocketFile(path)) ?? ((await isGreeted(endpoint, clock)) ? undefined : "ECONNREFUSED");
  return code === undefined ? ok("endpoint", `${path} accepts readings`) : wrong("endpoint", explain(code, path));
}

/** As an agent comes: whoever merely connects is a stranger in the aggregator's log. */
async function isGreeted(endpoint: string, clock: Clock): Promise<boolean> {
  let greeted = () => {};
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve;
  });
  const link = connectDealer(endpoint, { up: greeted, down() {}, message() {} });
  try {
    await withDeadline(clock, GREETING_MS, greeting, () => new Error("no greeting"));
    return true;
  } catch {
    return false;
  } finally {
    link.close();
  }
}

function explain(code: string, path: string): string {
  switch (code) {
    case "ENOENT":
      return `there is no ${path}: sudo systemctl restart ${AGGREGATOR_UNIT}`;
    case "ENOTSOCK":
      return `${path} is no socket: move it away, then sudo systemctl restart ${AGGREGATOR_UNIT}`;
    case "ECONNREFUSED":
      return `nobody listens at ${path}: sudo systemctl restart ${AGGREGATOR_UNIT}`;
    case "EACCES":
    case "EPERM":
      return `this user may not use ${path}: run the doctor with sudo`;
    default:
      return `${path} cannot be used (${code})`;
  }
}
