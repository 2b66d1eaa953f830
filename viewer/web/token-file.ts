import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import type { Log } from "../../common/runtime/log.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";

/** 144 random bits: 24 characters that need no escape in an address. */
const TOKEN_BYTES = 18;
const TOKEN = /^[A-Za-z0-9_-]{22,256}$/;

/**
 * The token in the file, which is made when it does not exist: mode 0640, so that members of its group can print the address
 * of the page. A reader finds no file or the whole token.
 *
 * @throws {UsageError} if the file cannot be read or made, or holds something else
 */
export function readOrMakeToken(path: string, log: Log): string {
  try {
    const token = readFileSync(path, "utf8").trim();
    if (!TOKEN.test(token)) {
      throw new UsageError(
        `${path} does not hold a token of 22 to 256 letters, digits, - or _: remove it to have one made`,
      );
    }
    if ((statSync(path).mode & 0o007) !== 0)
      log.warn(`every user of this machine can read the token: chmod o= ${path}`);
    return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return makeToken(path, log);
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read the token: ${(error as Error).message}`);
  }
}

function makeToken(path: string, log: Log): string {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const aside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(aside, `${token}\n`, { mode: 0o600, flag: "wx", flush: true });
    chmodSync(aside, 0o640);
    renameSync(aside, path);
  } catch (error) {
    throw new UsageError(
      `cannot make the token (${(error as Error).message}): give --token-file a path in a directory that bms-viewer may write to`,
    );
  }
  log.info(`made a token in ${path}`);
  return token;
}
