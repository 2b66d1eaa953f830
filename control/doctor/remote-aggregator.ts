import { statSync } from "node:fs";
import type { HostKey } from "../../common/hosts/host-key.ts";
import { formatTcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import type { Admission, KeyedEndpoint } from "../pairing/aggregator-host.ts";
import type { RemoteAggregator } from "../setup/destination.ts";
import type { UnitState } from "../setup/systemd.ts";
import { type Finding, note, ok, unknown, wrong } from "./finding.ts";

const ABOUT = "aggregator";
const PAIR_AGAIN = "sudo bmsctl pair on that host, and sudo bmsctl join LINE here";

export interface RemoteDeps {
  readonly uid: number;
  /** The key of this host, which only root can read; undefined if there is none. */
  ownKey(): HostKey | undefined;
  tryAggregator(target: KeyedEndpoint, own: HostKey): Promise<Admission>;
}

/** Checks that the aggregator of another host admits this one. `local`: the service of this host, which must not run. */
export async function checkRemoteAggregator(
  { publicKey, ...endpoint }: RemoteAggregator,
  local: Pick<UnitState, "active"> | undefined,
  { uid, ownKey, tryAggregator }: RemoteDeps,
): Promise<Finding[]> {
  const url = formatTcpEndpoint(endpoint);
  if (publicKey === undefined) return [wrong(ABOUT, `of ${url} is not known by its key`, PAIR_AGAIN)];
  if (uid !== 0) return [unknown(ABOUT, `is on another host (${url})`, "run the doctor with sudo")];
  const own = ownKey();
  if (!own) return [wrong(ABOUT, `of ${url} is reached with a key, and this host has none`, PAIR_AGAIN)];
  const admission = ADMISSIONS[await tryAggregator({ ...endpoint, publicKey }, own)](url);
  if (local?.active !== "active") return [admission];
  return [
    admission,
    note(ABOUT, "of this host runs as well, and nobody delivers to it", "sudo systemctl stop bms-aggregator"),
  ];
}

const ADMISSIONS: Readonly<Record<Admission, (url: string) => Finding>> = {
  admitted: (url) => ok(ABOUT, `of another host (${url}) admits this one`),
  refused: (url) => wrong(ABOUT, `of ${url} does not admit this host, so readings wait on disk`, PAIR_AGAIN),
  silent: (url) =>
    wrong(
      ABOUT,
      `of ${url} does not answer, so readings wait on disk`,
      "check the network, the firewall of that host, and sudo bmsctl doctor there",
    ),
};

/** Checks that only root can read the key of this host. */
export function checkKeyFile(file: string): Finding[] {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0) return [];
  return [
    wrong(
      "key",
      `of this host (${file}) can be read by other users`,
      `sudo chmod 600 ${file}, then pair the hosts again`,
    ),
  ];
}

/** In the place of checks that belong on the aggregator's host. */
export function elsewhere(): Finding {
  return note("Telegraf", "database and page are on the aggregator's host", "sudo bmsctl doctor there");
}
