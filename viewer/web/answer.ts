import type { ServerResponse } from "node:http";
import type { ErrorView } from "../model/views.ts";

/** An answer that is complete before it is sent. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is not answered as it was meant. The message names what to do, for people. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const JSON_TYPE = "application/json; charset=utf-8";

/** Compact JSON. */
export function json(value: unknown, status = 200): Answer {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}

export function errorAnswer({ status, message, headers }: RequestError): Answer {
  const error: ErrorView = { error: message };
  return { ...json(error, status), headers };
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of every answer. Data is not kept by browsers or proxies; files of the page replace `cache-control`. */
export const SAFETY_HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
} as const;

/** Sends the head of an answer. */
export function begin(
  response: Pick<ServerResponse, "writeHead">,
  status: number,
  type: string,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  response.writeHead(status, { ...SAFETY_HEADERS, "content-type": type, ...headers });
}

/** Sends the answer; for HEAD its head only. */
export function send(response: ServerResponse, { status, type, body, headers }: Answer, isHead: boolean): void {
  const hasBody = status !== 304;
  begin(response, status, type, { ...headers, ...(hasBody && { "content-length": Buffer.byteLength(body) }) });
  response.end(isHead || !hasBody ? undefined : body);
}
