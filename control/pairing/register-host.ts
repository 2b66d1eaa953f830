import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { HostKey } from "../../common/hosts/host-key.ts";
import type { PairingLine } from "../../common/hosts/pairing-line.ts";
import type { TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { EndpointError } from "../../common/wire/endpoint.ts";
import { askPairing, type ReachDeps, reachableAddress, tryAggregator } from "./aggregator-host.ts";
import type { PairingAnswer, RefusalReason } from "./messages.ts";

export interface RegisterDeps extends ReachDeps {
  /** Addresses of a name, as the resolver of this machine knows it. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** Longest trial of the aggregator's endpoint. */
  readonly trialMs?: number;
}

/** A host whose key the aggregator has admitted. */
export interface AdmittedHost {
  /** The name under which the aggregator knows it; undefined if it was registered before. */
  readonly name?: string;
  /** Endpoint to which its agents deliver. */
  readonly endpoint: TcpEndpoint;
}

/**
 * Registers the key of this host by a pairing line, and tries it at the aggregator's endpoint. A host that is registered
 * already needs no code: a command that failed after it had registered can be repeated.
 *
 * @throws {UsageError} {EndpointError}
 */
export async function registerHost(
  line: PairingLine,
  own: HostKey,
  name: string,
  deps: RegisterDeps,
): Promise<AdmittedHost> {
  const registration = await register(line, own, name, deps);
  if ("fault" in registration) {
    const address = await reachableAddress(line, deps).catch(() => undefined);
    if (address === undefined || (await admissionAt(line, address, own, deps)) !== "admitted") throw registration.fault;
    return { endpoint: { host: line.host, port: line.port } };
  }
  const { address, answer } = registration;
  const admission = await admissionAt(line, address, own, deps);
  const isReached = admission === "admitted";
  const pairing = { host: address, port: line.pairingPort, publicKey: line.publicKey };
  await askPairing(pairing, own, { type: "tried", code: line.code, isReached }, deps).catch(() => {});
  if (!isReached) {
    const fault =
      admission === "refused"
        ? "its aggregator refuses the key: see sudo bmsctl doctor there"
        : `its aggregator does not answer at port ${line.port}: open that port in the firewall there, or see sudo bmsctl doctor there`;
    throw new EndpointError(`registered at ${line.host} as ${answer.name}, but ${fault}; then run this command again`);
  }
  const host = await stableName(line.host, address, answer.addresses, deps);
  return { name: answer.name, endpoint: { host, port: line.port } };
}

type Registration =
  | { readonly address: string; readonly answer: Extract<PairingAnswer, { type: "joined" }> }
  | { readonly fault: EndpointError | UsageError };

async function register(
  { host, pairingPort: port, publicKey, code }: PairingLine,
  own: HostKey,
  name: string,
  deps: ReachDeps,
): Promise<Registration> {
  try {
    const address = await reachableAddress({ host, port }, deps);
    const request = { type: "join", name, publicKey: own.publicKey, code } as const;
    const answer = await askPairing({ host: address, port, publicKey }, own, request, deps);
    if (answer.type === "joined") return { address, answer };
    const reason = answer.type === "refused" ? answer.reason : "malformed";
    const message = REFUSALS[reason](name);
    if (reason !== "code") throw new UsageError(message);
    return { fault: new EndpointError(message) };
  } catch (error) {
    if (error instanceof EndpointError) return { fault: error };
    throw error;
  }
}

const REFUSALS: Readonly<Record<RefusalReason, (name: string) => string>> = {
  code: () =>
    "the code of this line is used, expired or wrong: sudo bmsctl pair on the aggregator's host prints a new line",
  name: (name) =>
    `another host is known as ${name} there: choose another name with --name; if it was this host with an older key, sudo bmsctl hosts revoke ${name} there first`,
  own: () => OWN_HOST,
  malformed: () => "the aggregator's host does not understand this one: install the same version of bms on both hosts",
};

/** The line was printed by this host. */
export const OWN_HOST =
  "this is the aggregator's own host, whose agents deliver already: run the command on the other host";

function admissionAt({ port, publicKey }: PairingLine, address: string, own: HostKey, deps: RegisterDeps) {
  return tryAggregator({ host: address, port, publicKey }, own, deps, deps.trialMs);
}

/**
 * The name of the aggregator's host for the agents of this one, which stays when its address changes: one that leads from
 * here to the address that was tried, and to no other. The address itself if there is none.
 */
async function stableName(
  host: string,
  address: string,
  names: readonly string[],
  { resolve = addressesOf }: RegisterDeps,
): Promise<string> {
  if (isIP(host) === 0) return host;
  for (const name of names) {
    const found = isIP(name) === 0 ? await resolve(name) : [];
    if (found.length > 0 && found.every((each) => each === address)) return name;
  }
  return host;
}

async function addressesOf(name: string): Promise<readonly string[]> {
  try {
    return (await lookup(name, { all: true })).map((each) => each.address);
  } catch {
    return [];
  }
}
