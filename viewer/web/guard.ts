import type { IncomingMessage } from "node:http";
import { RequestError } from "./answer.ts";
import { checkHost, checkSite } from "./origin.ts";

/** A request that may be answered. */
export interface CheckedRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isHead: boolean;
}

const MAX_URL_LENGTH = 2_048;
const MAX_HEADERS = 64;

/**
 * Checks everything but the token. The path is compared as it came: nothing in it is decoded or resolved.
 *
 * @throws {RequestError}
 */
export function checkRequest(request: IncomingMessage, hostNames: ReadonlySet<string>): CheckedRequest {
  const { method = "", url = "", headers, rawHeaders } = request;
  if (url.length > MAX_URL_LENGTH)
    throw new RequestError(414, `the address is longer than ${MAX_URL_LENGTH} characters`);
  if (rawHeaders.length > 2 * MAX_HEADERS) throw new RequestError(431, `more than ${MAX_HEADERS} headers`);
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length > 1) throw new RequestError(400, "the header Host is given twice: give it once");
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  checkHost(headers.host, hostNames);
  checkSite(headers, path);
  if (method !== "GET" && method !== "HEAD") {
    throw new RequestError(405, `${method} is not allowed: nothing can be changed here, use GET`, {
      allow: "GET, HEAD",
    });
  }
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
  if (hasBody) throw new RequestError(413, "a body is not expected: send the request without one");
  if (!path.startsWith("/")) throw new RequestError(400, "expected a path that begins with /, such as /api/v1/house");
  return { path, query: new URLSearchParams(query), isHead: method === "HEAD" };
}
