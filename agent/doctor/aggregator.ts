import { outputsAway } from "../../common/aggregator-status.ts";
import { endpointPath } from "../../common/endpoint.ts";
import { probeSocket } from "../../common/probe-socket.ts";
import type { UnitState } from "../installation/services.ts";
import { type Finding, ok, wrong } from "./finding.ts";

export const AGGREGATOR_UNIT = "bms-aggregator.service";
const ABOUT = "aggregator";

/** Whether the aggregator runs, and says that all is well. */
export function judgeAggregator({ active, sub, exit, status }: UnitState, lastWords: string): Finding {
  const said = lastWords ? `: ${lastWords}` : `, and "journalctl -u ${AGGREGATOR_UNIT}" tells why`;
  if (active === "active") {
    return outputsAway(status).length === 0 ? ok(ABOUT, status || "runs") : wrong(ABOUT, `cannot write${said}`);
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

/** Why readings cannot be handed over at an endpoint; undefined where somebody listens. */
export async function examineEndpoint(endpoint: string): Promise<Finding> {
  const path = endpointPath(endpoint);
  const code = await probeSocket(path);
  return code === undefined ? ok("endpoint", `${path} takes readings`) : wrong("endpoint", explain(code, path));
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
