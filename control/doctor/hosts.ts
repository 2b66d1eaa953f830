import { formatAge } from "../../common/cli/text.ts";
import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import { grouped } from "../../common/model/count-text.ts";
import type { HostStatus } from "../../common/model/status.ts";
import { type Finding, note, ok, wrong } from "./finding.ts";

/** Reports that no battery is read here: a fault, unless other hosts deliver. `hosts`: their names. */
export function noBattery(hosts: readonly string[]): Finding {
  if (hosts.length === 0) return wrong("batteries", "none is set up", "sudo bmsctl add");
  return note("batteries", `none is read here, and other hosts deliver (${hosts.join(", ")})`);
}

/** In the place of a check of the radio where no battery is read. */
export function noRadio(): Finding {
  return note("Bluetooth", "is not needed here, as no battery is read");
}

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
