import { formatAge, grouped } from "../../common/cli/text.ts";
import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import type { HostStatus } from "../../common/model/status.ts";
import { type Finding, ok, wrong } from "./finding.ts";

/** Checks the other hosts that deliver to the aggregator of this one. */
export function checkHosts(hosts: readonly HostStatus[]): Finding[] {
  return hosts.filter(({ name }) => name !== LOCAL_HOST).flatMap((host) => [connection(host), ...clock(host)]);
}

function connection({ name, connections = 0, readings }: HostStatus): Finding {
  if (connections > 0) return ok(name, `is connected, ${grouped(readings)} readings`);
  return wrong(
    name,
    "is not connected, its readings wait there",
    "check its power and its network, then sudo bmsctl doctor there; sudo bmsctl hosts revoke if it is gone for good",
  );
}

function clock({ name, clockAheadMs }: HostStatus): Finding[] {
  if (clockAheadMs === undefined) return [];
  const difference = `${formatAge(Math.abs(clockAheadMs) / 1000)} ${clockAheadMs < 0 ? "behind" : "ahead of"}`;
  return [
    wrong(name, `has a clock that is ${difference} this one`, "set the wrong one right: sudo timedatectl set-ntp true"),
  ];
}
