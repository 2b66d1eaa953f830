import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { PostRequest } from "./formats.ts";

/** The outcome of an attempt, with what an owner can do about it. */
export type PostResult =
  | { readonly result: "sent"; readonly answer: string }
  /** The same request will never be accepted. */
  | { readonly result: "refused"; readonly answer: string }
  | { readonly result: "failed"; readonly answer: string; readonly retryAfterMs?: number };

export type Post = (request: PostRequest) => Promise<PostResult>;

/** Longest time from the first packet to the answer, ms. */
const DEADLINE_MS = 15_000;

/**
 * Sends by `node:http`, not by `fetch`: fetch needs WebAssembly, which a service that may not write executable memory does
 * not have. Redirects are not followed: they would carry the token elsewhere. Never rejects.
 */
export const httpPost = ({ url, headers, body }: PostRequest, deadlineMs = DEADLINE_MS): Promise<PostResult> =>
  new Promise((resolve) => {
    const open = url.protocol === "https:" ? requestHttps : requestHttp;
    const bytes = Buffer.from(body);
    // No connection is kept: messages are rare. The deadline includes name lookup, TLS and a slow answer.
    const request = open(url, {
      method: "POST",
      agent: false,
      headers: { ...headers, "content-length": bytes.length, "user-agent": "bms-viewer" },
      signal: AbortSignal.timeout(deadlineMs),
    });
    request.on("response", (response) => {
      resolve(resultOf(response));
      response.on("error", () => {});
      // The status is all that counts. A body without an end is cut by the deadline.
      response.resume();
    });
    request.on("error", (error) => resolve({ result: "failed", answer: faultOf(error, deadlineMs) }));
    request.end(bytes);
  });

function resultOf({ statusCode = 0, statusMessage = "", headers }: IncomingMessage): PostResult {
  const answer = `${statusCode} ${statusMessage.slice(0, 80)}`.trim();
  if (statusCode >= 200 && statusCode < 300) return { result: "sent", answer };
  if (statusCode === 408 || statusCode === 429 || statusCode >= 500) {
    const retryAfterMs = parseRetryAfter(headers["retry-after"], Date.parse(headers.date ?? ""));
    return { result: "failed", answer, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  const hint = HINTS[statusCode] ?? (statusCode >= 300 && statusCode < 400 ? HINTS[301] : undefined);
  return { result: "refused", answer: hint ? `${answer}: ${hint}` : answer };
}

const HINTS: Readonly<Record<number, string>> = {
  301: "redirects are not followed, use the final address",
  401: "check the token",
  403: "check the token and its rights",
  404: "check the address",
  413: "the message is too long for the receiver",
};

/** Milliseconds of a Retry-After header: seconds, or a date, counted from the answer's own date. */
export function parseRetryAfter(value: string | undefined, sentAt: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  // Date.parse accepts almost anything that has a number.
  const ms =
    (/^[A-Za-z]{3,9}, /.test(value) ? Date.parse(value) : Number.NaN) - (Number.isNaN(sentAt) ? Date.now() : sentAt);
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens at the address",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "there is no network",
  EAFNOSUPPORT: "this service may not use the network",
  EPERM: "this service may not use the network",
  ENOTFOUND: "the host's name is not known",
  EAI_AGAIN: "the host's name cannot be looked up, is there a network?",
  ETIMEDOUT: "the host does not answer",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed: name its file in NODE_EXTRA_CA_CERTS",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted: name its issuer's file in NODE_EXTRA_CA_CERTS",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted: name its issuer's file in NODE_EXTRA_CA_CERTS",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** A system's error without the address, which may be a secret. */
function faultOf(error: Error & { code?: string }, deadlineMs: number): string {
  const { code = error.name } = error;
  if (code === "ABORT_ERR") return `no answer within ${deadlineMs / 1000} s`;
  return FAULTS[code] ?? `it cannot be reached (${code})`;
}
