import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { RequestError } from "./answer.ts";

const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i;

/** Names by which this machine is asked for, in lower case: its host name, with `.local` (multicast DNS), and `localhost`. */
export function namesOf(hostName: string, more: readonly string[] = []): ReadonlySet<string> {
  const [short = ""] = hostName.split(".");
  return new Set(["localhost", hostName, short, `${short}.local`, ...more].map((name) => name.toLowerCase()));
}

/**
 * Checks that the request is meant for this machine. The page of another site can have its own name resolved to the address of
 * this machine (DNS rebinding), and would then read everything; an address in digits cannot be such a name.
 *
 * @throws {RequestError}
 */
export function checkHost(host: string | undefined, names: ReadonlySet<string>): void {
  const [, v6, name] = HOST.exec(host ?? "") ?? [];
  if (v6 !== undefined ? isIP(v6) === 6 : name !== undefined && (isIP(name) === 4 || names.has(bare(name)))) return;
  if (v6 === undefined && name === undefined) {
    throw new RequestError(400, "the header Host is missing or damaged: send the address of this machine");
  }
  throw new RequestError(
    403,
    `${JSON.stringify(name ?? v6)} is not a name of this machine: use its address in digits, or start bms-viewer with --host-name`,
  );
}

/** A name without the dot of a complete name. */
const bare = (name: string) => name.toLowerCase().replace(/\.$/, "");

/**
 * Refuses what a page of another site asks for. A link to `/` may be followed from anywhere. Browsers send `Sec-Fetch-Site`
 * only over TLS and to loopback addresses; elsewhere there is `Origin` where scripts could read the answer.
 *
 * @throws {RequestError} 403
 */
export function checkSite(headers: IncomingHttpHeaders, path: string): void {
  const { host, origin, "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination } = headers;
  const isOwn = site === undefined || site === "none" || site === "same-origin";
  const isLink = path === "/" && mode === "navigate" && destination === "document";
  if ((isOwn || isLink) && (origin === undefined || hostOf(origin) === host?.toLowerCase())) return;
  throw new RequestError(403, "pages of other sites get nothing here: open the address of this machine itself");
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
