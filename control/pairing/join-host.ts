import type { CommandDeps } from "../../common/cli/command.ts";
import { createHostKey } from "../../common/hosts/host-key.ts";
import type { PairingLine } from "../../common/hosts/pairing-line.ts";
import { fingerprint } from "../../common/hosts/public-key.ts";
import { formatTcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { findBatteries } from "../setup/batteries.ts";
import { unitOf } from "../setup/instance-name.ts";
import { type DeliverDeps, deliverHere, deliverTo, requireNoHosts } from "./deliver-elsewhere.ts";
import { OWN_HOST, type RegisterDeps, registerHost } from "./register-host.ts";

export interface JoinOptions {
  /** Undefined: back to this host's own aggregator. */
  readonly line: PairingLine | undefined;
  /** Of this host on the other one. */
  readonly name: string;
  readonly json: boolean;
}

export type JoinDeps = Omit<DeliverDeps, "report"> & RegisterDeps & Pick<CommandDeps, "print">;

const NEXT_STEPS = `next: bmsctl list            shows the batteries here, with what still waits
      sudo bmsctl doctor     checks every step up to the aggregator`;

/** Makes the agents of this host deliver to the one of the line. @throws {UsageError} {ServiceError} {EndpointError} */
export async function joinHost({ line, name, json }: JoinOptions, deps: JoinDeps): Promise<void> {
  const report = json ? () => {} : (text: string) => deps.print(`${text}\n`);
  const local = { ...deps, report };
  if (!line) return deliverHere(local);
  const own = createHostKey(deps.files.key);
  if (own.publicKey === line.publicKey) throw new UsageError(OWN_HOST);
  requireNoHosts(deps.files);
  const admitted = await registerHost(line, own, name, deps);
  const known = admitted.name === undefined ? "this host is known there already" : `registered as ${admitted.name}`;
  report(`${known} (key ${fingerprint(own.publicKey)}); the aggregator of ${line.host} admits it`);
  await deliverTo(admitted.endpoint, line.publicKey, local);
  const exposure = await agentExposure(deps);
  if (exposure !== undefined) report(`exposure of an agent, from 0 to 10, by systemd-analyze security: ${exposure}`);
  report(NEXT_STEPS);
  if (!json) return;
  const facts = { joined: admitted.name ?? null, endpoint: formatTcpEndpoint(admitted.endpoint) };
  deps.print(`${JSON.stringify({ ...facts, key: fingerprint(own.publicKey), exposure: exposure ?? null })}\n`);
}

async function agentExposure({ installation, systemd }: JoinDeps): Promise<string | undefined> {
  const [battery] = await findBatteries(installation, systemd);
  return systemd.exposure(unitOf(battery?.name ?? "NAME"));
}
