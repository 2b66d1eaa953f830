import { existsSync } from "node:fs";
import { type ServiceSettings, serviceSettings, UNIT_SETTINGS } from "../../aggregator/service-settings.ts";
import { type PublicKey, parsePublicKey } from "../../common/hosts/public-key.ts";
import { isTcp, parseTcpEndpoint, type TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { HOST_FILES } from "./host-files.ts";

/** The aggregator to which the agents of this host deliver. */
export interface Destination {
  /** As in BMS_ENDPOINT of an agent. */
  readonly endpoint: string;
  /** Undefined for the aggregator of this host. */
  readonly remote?: RemoteAggregator;
}

export interface RemoteAggregator extends TcpEndpoint {
  /** Undefined if the settings have none, or a damaged one. */
  readonly publicKey: PublicKey | undefined;
}

/** The destination, from the environment files of the services. @throws {UsageError} if the endpoint is not valid */
export function destination(
  settings: ServiceSettings = serviceSettings(),
  isJoined = existsSync(HOST_FILES.joined),
): Destination {
  const endpoints = settings.BMS_ENDPOINT.split(/\s+/);
  const [remote] = endpoints.filter(isTcp);
  if (isJoined && remote !== undefined) {
    const publicKey = parsePublicKey(settings.BMS_AGGREGATOR_KEY ?? "");
    return { endpoint: remote, remote: { ...parsed(remote), publicKey } };
  }
  return { endpoint: endpoints.find((endpoint) => !isTcp(endpoint)) ?? UNIT_SETTINGS.BMS_ENDPOINT };
}

function parsed(endpoint: string): TcpEndpoint {
  try {
    return parseTcpEndpoint(endpoint);
  } catch (cause) {
    throw new UsageError(`in ${HOST_FILES.common}: ${(cause as Error).message}`, { cause });
  }
}
