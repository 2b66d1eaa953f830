import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import { type Answer, RequestError } from "./answer.ts";
import { clientKey } from "./network-address.ts";

/** The check of the token. */
export interface Access {
  /**
   * Undefined for a request that has the token, else the answer. The token of an address (`/?token=…`) moves to a cookie.
   *
   * @throws {RequestError} 401 or 429
   */
  check(request: AccessRequest): Answer | undefined;
}

export interface AccessRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
}

const COOKIE = "bms_token";
const YEAR_S = 31_536_000;
/** Wrong tokens of one client that are examined in a window. */
const MAX_WRONG = 10;
const WINDOW_MS = 60_000;
/** Clients that are remembered. */
const MAX_CLIENTS = 1_000;

/**
 * Asks for `token`; without one everybody is admitted. Wrong tokens are limited in rate, the right one never is, so that nobody
 * locks the owner out. What makes guessing hopeless is the length of the token; the limit bounds log and work.
 */
export function createAccess(token: string | undefined, { clock, log }: { clock: Clock; log: Log }): Access {
  if (token === undefined) return { check: ({ path, query }) => (isTokenUrl(path, query) ? home() : undefined) };
  const expected = digest(token);
  const isRight = (given: string) => timingSafeEqual(digest(given), expected);
  const clients = new Map<string, { wrong: number; since: number }>();

  function refuseWrong(address: string): never {
    const key = clientKey(address);
    const now = clock.monotonic();
    const known = clients.get(key);
    const client = known && now - known.since < WINDOW_MS ? known : { wrong: 0, since: now };
    client.wrong += 1;
    clients.delete(key);
    clients.set(key, client);
    const [oldest] = clients.keys();
    if (clients.size > MAX_CLIENTS && oldest !== undefined) clients.delete(oldest);
    if (client.wrong === 1) log.warn(`wrong token from ${address}`);
    if (client.wrong > MAX_WRONG) {
      throw new RequestError(429, "too many wrong tokens: wait a minute", { "retry-after": "60" });
    }
    throw new RequestError(401, "wrong token: open the address that bmsctl page prints", CHALLENGE);
  }

  return {
    check({ path, query, headers, address }) {
      const inUrl = isTokenUrl(path, query) ? (query.get("token") ?? "") : undefined;
      if (inUrl !== undefined) return isRight(inUrl) ? home(cookieOf(inUrl)) : refuseWrong(address);
      const given = bearerOf(headers) ?? cookieIn(headers);
      if (given !== undefined) return isRight(given) ? undefined : refuseWrong(address);
      if (path === "/") return askForToken(query.has("again"));
      throw new RequestError(401, `a token is needed: send "Authorization: Bearer TOKEN"`, CHALLENGE);
    },
  };
}

const CHALLENGE = { "www-authenticate": "Bearer" };

const digest = (text: string) => createHash("sha256").update(text).digest();

const isTokenUrl = (path: string, query: URLSearchParams) => path === "/" && query.has("token");

/** The page, at an address without the token. */
function home(cookie?: string): Answer {
  const headers = { location: "/", ...(cookie && { "set-cookie": cookie }) };
  return { status: 303, type: "text/plain; charset=utf-8", body: "", headers };
}

/**
 * Scripts cannot read it, and other sites cannot have it sent. Without `Secure`, with which a browser would not send it over
 * plain HTTP.
 */
function cookieOf(token: string): string {
  return `${COOKIE}=${token}; Path=/; Max-Age=${YEAR_S}; HttpOnly; SameSite=Strict`;
}

function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
}

function cookieIn({ cookie = "" }: IncomingHttpHeaders): string | undefined {
  const pairs = cookie.split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

/**
 * A browser that follows a link of another site does not send a SameSite=Strict cookie, but does when the page itself leads
 * on. So the first answer leads to `/?again`.
 */
function askForToken(isSecond: boolean): Answer {
  const again = isSecond ? "" : '<meta http-equiv=refresh content="0;url=/?again">';
  return {
    status: 401,
    type: "text/html; charset=utf-8",
    body:
      `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">${again}` +
      "<title>Token needed</title><h1>A token is needed</h1><p>Run <code>bmsctl page</code> on the machine of the " +
      "batteries, and open the address that it prints.</p></html>\n",
    headers: CHALLENGE,
  };
}
