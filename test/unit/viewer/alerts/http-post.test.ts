import assert from "node:assert/strict";
import { test } from "node:test";
import { httpPost, parseRetryAfter } from "../../../../viewer/alerts/http-post.ts";
import { startHttpReceiver } from "../../../support/http-receiver.ts";

const SENT_AT = Date.UTC(2026, 5, 1);

for (const [value, expected] of [
  [undefined, undefined],
  ["120", 120_000],
  ["0", 0],
  ["Mon, 01 Jun 2026 00:01:00 GMT", 60_000],
  ["Sun, 31 May 2026 23:00:00 GMT", 0],
  ["soon", undefined],
  ["-5", undefined],
] as const) {
  test(`Retry-After: ${value}`, () => assert.equal(parseRetryAfter(value, SENT_AT), expected));
}

for (const [status, result, answer] of [
  [200, "sent", "200 OK"],
  [204, "sent", "204 No Content"],
  [301, "refused", "301 Moved Permanently: redirects are not followed, use the final address"],
  [307, "refused", "307 Temporary Redirect: redirects are not followed, use the final address"],
  [400, "refused", "400 Bad Request"],
  [401, "refused", "401 Unauthorized: check the token"],
  [403, "refused", "403 Forbidden: check the token and its rights"],
  [404, "refused", "404 Not Found: check the address"],
  [408, "failed", "408 Request Timeout"],
  [429, "failed", "429 Too Many Requests"],
  [500, "failed", "500 Internal Server Error"],
  [503, "failed", "503 Service Unavailable"],
] as const) {
  test(`an answer ${status} is ${result}`, async (t) => {
    const receiver = await startHttpReceiver(t);
    receiver.answer = { status, headers: { location: `${receiver.url}/elsewhere` } };
    const url = new URL(`${receiver.url}/path?up=1`);
    assert.deepEqual(await httpPost({ url, headers: {}, body: "{}" }), { result, answer });
  });
}

test("the wait that a receiver asks for is reported", async (t) => {
  const receiver = await startHttpReceiver(t);
  receiver.answer = { status: 429, headers: { "retry-after": "7" } };
  const outcome = await httpPost({ url: new URL(receiver.url), headers: {}, body: "{}" });
  assert.deepEqual(outcome, { result: "failed", answer: "429 Too Many Requests", retryAfterMs: 7_000 });
});

for (const [about, url, answer] of [
  ["nobody listens", "http://127.0.0.1:1/secret-topic", /^nothing listens at the address$/],
  [
    "the name is unknown",
    "http://receiver.invalid/secret-topic",
    /^the host's name (is not known|cannot be looked up)/,
  ],
] as const) {
  test(`${about}: the fault in words, without the address`, async () => {
    const outcome = await httpPost({ url: new URL(url), headers: {}, body: "{}" });
    assert.equal(outcome.result, "failed");
    assert.match(outcome.answer, answer);
  });
}

test("a connection that is cut is a failed attempt", async (t) => {
  const receiver = await startHttpReceiver(t);
  receiver.answer = "cut";
  const outcome = await httpPost({ url: new URL(receiver.url), headers: {}, body: "{}" });
  assert.deepEqual(outcome, { result: "failed", answer: "the connection was cut" });
});

test("a receiver that never answers costs the deadline, not for ever", async (t) => {
  const receiver = await startHttpReceiver(t);
  receiver.answer = "ignored";
  const outcome = await httpPost({ url: new URL(receiver.url), headers: {}, body: "{}" }, 50);
  assert.deepEqual(outcome, { result: "failed", answer: "no answer within 0.05 s" });
});
