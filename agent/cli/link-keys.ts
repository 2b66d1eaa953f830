import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../../common/cli/option.ts";
import { readHostKey } from "../../common/hosts/host-key.ts";
import type { PublicKey } from "../../common/hosts/public-key.ts";
import { isTcp } from "../../common/hosts/tcp-endpoint.ts";
import { sharedSecret } from "../../common/hosts/x25519.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { LinkKeys } from "../outbox/network-client.ts";

/** The keys that a tcp:// endpoint needs. */
export interface KeyOptions {
  readonly endpoint: string;
  readonly hostKeyFile: string;
  readonly aggregator: PublicKey;
}

interface KeyValues {
  readonly endpoint: string | undefined;
  readonly hostKey: string | undefined;
  readonly aggregatorKey: PublicKey | undefined;
}

/** Undefined for an endpoint on this computer. @throws {UsageError} if a key is missing */
export function readKeyOptions(
  { endpoint, hostKey, aggregatorKey }: KeyValues,
  env: Environment,
): KeyOptions | undefined {
  if (endpoint === undefined || !isTcp(endpoint)) return undefined;
  const hostKeyFile = hostKey ?? (env.CREDENTIALS_DIRECTORY && join(env.CREDENTIALS_DIRECTORY, "host-key"));
  if (!hostKeyFile || aggregatorKey === undefined) throw new UsageError(needsKeys(endpoint));
  return { endpoint, hostKeyFile, aggregator: aggregatorKey };
}

/** @throws {UsageError} if a key cannot be read or is not one */
export function readKeys({ endpoint, hostKeyFile, aggregator }: KeyOptions): LinkKeys {
  const own = readHostKey(hostKeyFile);
  if (!own) {
    const fault = existsSync(hostKeyFile) ? "is empty" : "does not exist";
    throw new UsageError(`${needsKeys(endpoint)} (${hostKeyFile} ${fault})`);
  }
  if (!sharedSecret(own.secretKey, aggregator))
    throw new UsageError("--aggregator-key is not the key of a host: run sudo bmsctl join LINE again");
  return { own, aggregator };
}

function needsKeys(endpoint: string): string {
  return `${endpoint} needs keys: run sudo bmsctl pair on the aggregator's host and sudo bmsctl join LINE here`;
}
