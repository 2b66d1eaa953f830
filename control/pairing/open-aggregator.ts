import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createHostKey, type HostKey } from "../../common/hosts/host-key.ts";
import { formatTcpEndpoint, isTcp, parseTcpEndpoint, type TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { type Clock, within } from "../../common/runtime/clock.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { readEnvironmentFile } from "../../common/systemd/environment-file.ts";
import { editEnvironmentFile } from "../setup/edit-environment.ts";
import { AGGREGATOR_NETWORK, dropInPath, type HostFiles, installDropIn, removeDropIn } from "../setup/host-files.ts";
import { replaceFile } from "../setup/replace-file.ts";
import type { Systemd } from "../setup/systemd.ts";

export interface OpenDeps {
  readonly files: HostFiles;
  readonly systemd: Systemd;
  readonly clock: Clock;
  /** Reports a step that is done. */
  report(text: string): void;
  /** True if something accepts connections there. */
  readonly isListening?: typeof isListening;
}

const UNIT = AGGREGATOR_NETWORK.unit;
const PROBE_MS = 3_000;

/**
 * Lets the aggregator of this host receive from others: makes the key of this host, adds an endpoint, opens the network to
 * its service. Does only what is not done yet, and restarts the aggregator only if it does not listen there.
 *
 * @throws {UsageError} {ServiceError}
 */
export async function openAggregator(port: number | undefined, deps: OpenDeps): Promise<OpenedAggregator> {
  const { files, systemd, clock, report } = deps;
  if (existsSync(files.joined)) {
    throw new UsageError(
      `the agents of this host deliver to another one (${files.joined}): run bmsctl pair there, or first sudo bmsctl join --undo here`,
    );
  }
  const isNew = !existsSync(files.key);
  const key = createHostKey(files.key);
  if (isNew) report(`made the key of this host: ${files.key}`);
  if (!existsSync(files.knownHosts)) replaceFile(files.knownHosts, "", 0o644);

  const endpoint = chosenEndpoint(files, port);
  const isEndpointNew = editEnvironmentFile(files.aggregator, { BMS_ENDPOINT: endpointsWith(endpoint, files) });
  if (isEndpointNew) report(`the aggregator listens at ${formatTcpEndpoint(endpoint)} as well: ${files.aggregator}`);
  const isDropInNew = installDropIn(AGGREGATOR_NETWORK, files, (text) => onPort(text, endpoint.port));
  if (isDropInNew) report(`it may receive connections at that port: ${dropInPath(AGGREGATOR_NETWORK, files)}`);

  const [state] = await systemd.show([UNIT]);
  const isUnchanged = !isNew && !isEndpointNew && !isDropInNew && state?.active === "active";
  if (!isUnchanged || !(await (deps.isListening ?? isListening)(endpoint, clock))) {
    await systemd.control("daemon-reload");
    await systemd.control("restart", UNIT);
    report("restarted the aggregator; the agents keep their readings meanwhile");
  }
  return { key, port: endpoint.port };
}

export interface OpenedAggregator {
  readonly key: HostKey;
  readonly port: number;
}

/** Undoes `openAggregator`; the key of this host and the known hosts stay. @throws {ServiceError} */
export async function closeAggregator({ files, systemd, report }: OpenDeps): Promise<void> {
  const local = localEndpoints(files);
  const isShared = local === localEndpointsIn(files.common);
  editEnvironmentFile(files.aggregator, { BMS_ENDPOINT: isShared || local === "" ? undefined : local });
  removeDropIn(AGGREGATOR_NETWORK, files);
  await systemd.control("daemon-reload");
  await systemd.control("restart", UNIT);
  report("the aggregator receives from this host alone; the other hosts keep their readings");
}

function endpointsIn(file: string): readonly string[] {
  return (readEnvironmentFile(file).BMS_ENDPOINT ?? "").split(/\s+/).filter((word) => word !== "");
}

function localEndpointsIn(file: string): string {
  return endpointsIn(file)
    .filter((endpoint) => !isTcp(endpoint))
    .join(" ");
}

/** Those of the aggregator's own file hide the ones that all services share. Empty for the default. */
function localEndpoints({ aggregator, common }: HostFiles): string {
  return localEndpointsIn(aggregator) || localEndpointsIn(common);
}

/** The endpoint that the administrator or an earlier pairing has chosen, else one at all addresses of this host. */
function chosenEndpoint(files: HostFiles, port: number | undefined): TcpEndpoint {
  const present = endpointsIn(files.aggregator).find(isTcp);
  const { host, port: presentPort } = present === undefined ? WILDCARD : parseTcpEndpoint(present);
  return { host, port: port ?? presentPort };
}

/** Exists where the kernel has IPv6. Its wildcard is that of IPv4 as well. */
const HAS_IPV6 = existsSync("/proc/net/if_inet6");
const WILDCARD = parseTcpEndpoint(HAS_IPV6 ? "tcp://[::]" : "tcp://0.0.0.0");

function endpointsWith(endpoint: TcpEndpoint, files: HostFiles): string {
  return `${localEndpoints(files)} ${formatTcpEndpoint(endpoint)}`.trimStart();
}

function onPort(dropIn: string, port: number): string {
  return dropIn.replace(/^SocketBindAllow=tcp:\d+$/m, `SocketBindAllow=tcp:${port}`);
}

const LOOPBACKS: Readonly<Record<string, string>> = { "::": "::1", "0.0.0.0": "127.0.0.1" };

async function isListening({ host, port }: TcpEndpoint, clock: Clock): Promise<boolean> {
  const socket = connect({ host: LOOPBACKS[host] ?? host, port });
  const answer = new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  try {
    return (await within(clock, PROBE_MS, answer)) ?? false;
  } finally {
    socket.destroy();
  }
}
