import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseKnownHosts } from "../../common/hosts/known-hosts.ts";
import { formatPublicKey, type PublicKey } from "../../common/hosts/public-key.ts";
import { formatTcpEndpoint, isTcp, type TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { readEnvironmentFile } from "../../common/systemd/environment-file.ts";
import { type Battery, findBatteries } from "../setup/batteries.ts";
import { editEnvironmentFile } from "../setup/edit-environment.ts";
import { AGENT_NETWORK, dropInPath, type HostFiles, installDropIn, removeDropIn } from "../setup/host-files.ts";
import type { Installation } from "../setup/installation.ts";
import { unitOf } from "../setup/instance-name.ts";
import { replaceFile, textOf } from "../setup/replace-file.ts";
import type { Systemd } from "../setup/systemd.ts";
import { VIEWER_SOCKET, VIEWER_UNIT } from "../setup/viewer-settings.ts";

export interface DeliverDeps {
  readonly files: HostFiles;
  readonly installation: Installation;
  readonly systemd: Systemd;
  /** Reports a step that is done. */
  report(text: string): void;
}

const AGGREGATOR_UNIT = "bms-aggregator.service";

/** @throws {UsageError} if other hosts deliver to this one */
export function requireNoHosts({ knownHosts }: Pick<HostFiles, "knownHosts">): void {
  const names = parseKnownHosts(textOf(knownHosts)).hosts.map(({ name }) => name);
  if (names.length === 0) return;
  throw new UsageError(
    `other hosts deliver to this one (${names.join(", ")}): let them join the other one first, and sudo bmsctl hosts revoke NAME here`,
  );
}

/**
 * Makes the agents of this host deliver to the aggregator of another one, and stops the local one and the page. Each step can
 * be repeated; the spools stay where they are.
 *
 * @throws {ServiceError}
 */
export async function deliverTo(endpoint: TcpEndpoint, aggregatorKey: PublicKey, deps: DeliverDeps): Promise<void> {
  const { files, systemd, report } = deps;
  const url = formatTcpEndpoint(endpoint);
  // First, as it keeps the endpoint that the other file loses.
  replaceFile(files.joined, [url, ...formerEndpoint(files), ""].join("\n"), 0o644);
  editEnvironmentFile(files.common, { BMS_ENDPOINT: url, BMS_AGGREGATOR_KEY: formatPublicKey(aggregatorKey) });
  report(`the agents of this host deliver to ${url}: ${files.common}`);
  installDropIn(AGENT_NETWORK, files);
  report(`they may open connections: ${dropInPath(AGENT_NETWORK, files)}`);
  await systemd.control("daemon-reload");
  await restartAgents(deps);
  // After the agents, which may deliver to it until they stop.
  await systemd.control("stop", VIEWER_SOCKET, VIEWER_UNIT, AGGREGATOR_UNIT);
  report(`stopped the aggregator and the page of this host; ${files.joined} keeps them from starting`);
}

/** Undoes `deliverTo`; the key of this host stays. @throws {UsageError} {ServiceError} */
export async function deliverHere(deps: DeliverDeps): Promise<void> {
  const { files, systemd, report } = deps;
  const isJoined = existsSync(files.joined) || "BMS_AGGREGATOR_KEY" in readEnvironmentFile(files.common);
  if (!isJoined) throw new UsageError("the agents of this host deliver to its own aggregator already");
  const [endpoint] = formerEndpoint(files);
  editEnvironmentFile(files.common, { BMS_ENDPOINT: endpoint, BMS_AGGREGATOR_KEY: undefined });
  removeDropIn(AGENT_NETWORK, files);
  rmSync(files.joined, { force: true });
  await systemd.control("daemon-reload");
  await systemd.control("start", "bms.target");
  report("started the aggregator and the page of this host");
  await restartAgents(deps);
}

/** The endpoint of the local aggregator, where all services share one that is not the usual one. */
function formerEndpoint({ common, joined }: HostFiles): string[] {
  const { BMS_ENDPOINT: present = "" } = readEnvironmentFile(common);
  const former = isTcp(present) ? textOf(joined).split("\n")[1] : present;
  return former ? [former] : [];
}

/** Unsettled readings are on disk before an agent ends. A battery that was stopped or released stays so. */
async function restartAgents({ installation, systemd, report }: DeliverDeps): Promise<void> {
  const batteries = await findBatteries(installation, systemd);
  const running = batteries.filter(({ service }) => service.active !== "inactive");
  if (running.length > 0) await systemd.control("restart", ...running.map(({ name }) => unitOf(name)));
  report(running.length === 0 ? "no agent runs here yet: sudo bmsctl add" : `restarted ${namesOf(running)}`);
  const stubborn = batteries.filter((battery) => hasOwnEndpoint(battery, installation));
  if (stubborn.length > 0) {
    report(`not changed: ${namesOf(stubborn)}, with a BMS_ENDPOINT in ${installation.files}/NAME.env: remove it there`);
  }
}

function hasOwnEndpoint({ name }: Battery, { files }: Installation): boolean {
  const file = join(files, `${name}.env`);
  return existsSync(file) && /^\s*BMS_ENDPOINT=/m.test(readFileSync(file, "utf8"));
}

const namesOf = (batteries: readonly Battery[]) => batteries.map(({ name }) => name).join(", ");
