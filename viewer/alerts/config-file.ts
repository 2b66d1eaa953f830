import { readFileSync, statSync } from "node:fs";
import type { Log } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { type AlertConfig, DEFAULT_CONFIG, parseConfig } from "./config.ts";

/** The configuration file of an installation. */
export const ALERTS_FILE = "/etc/bms/alerts.toml";

/**
 * Reads the configuration file. Without a path the installed file is read, and where there is none the defaults apply.
 * @throws {UsageError} one line
 */
export function readAlertConfig(path: string | undefined): AlertConfig {
  const file = path ?? ALERTS_FILE;
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && path === undefined) return DEFAULT_CONFIG;
    if (code === "ENOENT") throw new UsageError(`${file} does not exist`, { cause: error });
    if (code === "EACCES") throw new UsageError(`${file} cannot be read by this user`, { cause: error });
    throw new UsageError(`${file} cannot be read: ${message}`, { cause: error });
  }
  return parseConfig(file, content, (secret) => readFileSync(secret, "utf8"));
}

/** `readAlertConfig` for the service: warns of a file with a token that everybody may read. @throws {UsageError} */
export function openAlertConfig(path: string | undefined, log: Log): AlertConfig {
  const config = readAlertConfig(path);
  const file = path ?? ALERTS_FILE;
  if (config.targets.some(({ token }) => token !== undefined) && isReadableByAll(file))
    log.warn(
      `${file} holds a token and everybody may read it: sudo chgrp bms-viewer ${file} && sudo chmod 640 ${file}`,
    );
  return config;
}

function isReadableByAll(file: string): boolean {
  try {
    return (statSync(file).mode & 0o004) !== 0;
  } catch {
    // There is no file.
    return false;
  }
}
