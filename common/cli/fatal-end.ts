import type { Log } from "../runtime/log.ts";

/** The end of a process by an error that nothing handles. */
export interface FatalEnd {
  /** Calls `secure` before the process ends. It must do its work synchronously. */
  onFatal(secure: () => void): void;
  /** Secures, logs one line, and exits with status 1. The stack is logged at level debug. */
  end(error: unknown): never;
}

/** Ends the process in this way on every exception and rejection that nothing handles. `log`: called when it ends. */
export function endOnFatalErrors(log: () => Log): FatalEnd {
  const secured: (() => void)[] = [];

  function end(error: unknown): never {
    try {
      for (const secure of secured.splice(0)) attempt(secure, log());
      log().error(`unexpected error: ${messageOf(error)}; please report it, with its stack (--log-level debug)`);
      if (error instanceof Error && error.stack !== undefined) log().debug(error.stack);
    } finally {
      process.exit(1);
    }
  }
  process.on("uncaughtException", end);
  return { onFatal: (secure) => void secured.push(secure), end };
}

function attempt(secure: () => void, log: Log): void {
  try {
    secure();
  } catch (error) {
    log.error(`readings could not be secured: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
