import { join } from "node:path";
import type { Log } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { readOrMakeToken } from "../web/token-file.ts";

export interface TokenOptions {
  readonly withoutToken: boolean;
  readonly tokenFile: string | undefined;
  readonly history: string | undefined;
}

export interface TokenDeps {
  /** True if only programs of this machine reach the page. */
  readonly isLoopback: boolean;
  readonly env: { readonly STATE_DIRECTORY?: string | undefined };
  readonly log: Log;
}

/** The token that clients need, made on first use; undefined if none is asked for. @throws {UsageError} */
export function tokenOf(options: TokenOptions, { isLoopback, env, log }: TokenDeps): string | undefined {
  const { withoutToken, tokenFile } = options;
  if (withoutToken || isLoopback) return undefined;
  return readOrMakeToken(tokenFile ?? defaultTokenFile(options, env), log);
}

/** @throws {UsageError} if there is no directory for it */
function defaultTokenFile({ history }: TokenOptions, { STATE_DIRECTORY }: TokenDeps["env"]): string {
  const directory = STATE_DIRECTORY?.split(":")[0] || history;
  if (directory) return join(directory, "token");
  throw new UsageError(
    "an address other than loopback needs a token: give --token-file or --history, or --without-token to show the page to everybody",
  );
}
