import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import type { HouseView } from "../../viewer/model/views.ts";
import { AT, historyOf, houseOf, meterOf } from "../support/house.ts";
import { readingOf } from "../support/reading.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { serveWeb, type WebUnderTest } from "../support/web.ts";

const HOST = "Host: 127.0.0.1\r\n";
const CLOSE = "Connection: close\r\n\r\n";
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);

/** Proves that the server still works. */
async function answers({ url }: WebUnderTest) {
  assert.equal((await fetch(`${url}/api/v1/house`)).status, 200);
}

/** Status of a request as it is written: fetch would resolve the path, and forbids some headers. */
function statusFor({ port }: WebUnderTest, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

// Requests

const RAW: readonly [string, string, number | undefined][] = [
  ["a plain request", `GET /healthz HTTP/1.1\r\n${HOST}${CLOSE}`, 200],
  ["HTTP/1.0 with a host", `GET /healthz HTTP/1.0\r\n${HOST}\r\n`, 200],
  ["HTTP/1.0 without a host", "GET /healthz HTTP/1.0\r\n\r\n", 400],
  ["HTTP/1.1 without a host", `GET /healthz HTTP/1.1\r\n${CLOSE}`, 400],
  ["two hosts", `GET /healthz HTTP/1.1\r\n${HOST}Host: 127.0.0.1\r\n${CLOSE}`, 400],
  ["a host of another site", `GET /healthz HTTP/1.1\r\nHost: attacker.example\r\n${CLOSE}`, 403],
  ["an absolute address", `GET http://127.0.0.1/healthz HTTP/1.1\r\n${HOST}${CLOSE}`, 400],
  ["an asterisk", `GET * HTTP/1.1\r\n${HOST}${CLOSE}`, 400],
  ["POST", `POST /healthz HTTP/1.1\r\n${HOST}Content-Length: 0\r\n${CLOSE}`, 405],
  ["OPTIONS", `OPTIONS /healthz HTTP/1.1\r\n${HOST}${CLOSE}`, 405],
  ["TRACE", `TRACE /healthz HTTP/1.1\r\n${HOST}${CLOSE}`, 405],
  ["CONNECT", `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${HOST}${CLOSE}`, undefined],
  ["a method that does not exist", `BREW /healthz HTTP/1.1\r\n${HOST}${CLOSE}`, 400],
  ["a body", `GET /healthz HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`, 413],
  ["a body in chunks", `GET /healthz HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 413],
  [
    "a body that is announced",
    `GET /healthz HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
    413,
  ],
  ["an unknown expectation", `GET /healthz HTTP/1.1\r\n${HOST}Expect: miracle\r\n${CLOSE}`, 200],
  ["two lengths", `GET /healthz HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 9\r\n\r\n`, 400],
  ["length and chunks", `GET / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
  ["an upgrade", `GET /healthz HTTP/1.1\r\n${HOST}Upgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n`, 200],
  ["headers of 9 kB", `GET /healthz HTTP/1.1\r\n${HOST}X: ${"x".repeat(9_000)}\r\n${CLOSE}`, 431],
  ["65 headers", `GET /healthz HTTP/1.1\r\n${HOST}${"a: b\r\n".repeat(64)}${CLOSE}`, 431],
  ["an address of 3 kB", `GET /${"x".repeat(3_000)} HTTP/1.1\r\n${HOST}${CLOSE}`, 414],
  ["an address of 20 kB", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n${HOST}${CLOSE}`, 431],
  ["a header without a colon", `GET /healthz HTTP/1.1\r\n${HOST}nonsense\r\n${CLOSE}`, 400],
  ["a NUL in a header", `GET /healthz HTTP/1.1\r\n${HOST}X: a\0b\r\n${CLOSE}`, 400],
  ["a NUL in the path", `GET /healthz\0 HTTP/1.1\r\n${HOST}${CLOSE}`, 400],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["HTTP/9", `GET /healthz HTTP/9.9\r\n${HOST}${CLOSE}`, 400],
  ["TLS", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03 and so on\r\n\r\n", 400],
  ["empty lines only", "\r\n".repeat(5_000).concat("x\r\n\r\n"), 400],
];

test("requests as they must and must not be", async (t) => {
  const web = await serveWeb(t);
  for (const [about, bytes, status] of RAW) {
    await t.test(`${about}: ${status ?? "closed"}`, async () => {
      const answer = await web.raw(Buffer.from(bytes, "latin1"));
      if (status === undefined) assert.equal(answer, "");
      else assert.equal(statusOf(answer), status, answer);
      if (status && status >= 400) assert.match(answer, /\r\n\r\n\{"error":".+"\}\n$/);
      await answers(web);
    });
  }
});

const PATHS = [
  "/../etc/passwd",
  "/%2e%2e/etc/passwd",
  "/..%2f..%2f",
  "/page/..%5c..%5c",
  "/%00",
  "/page.js%00.html",
  "//etc/passwd",
  "/./",
  "/index.html/",
  "/secret",
  "/secret.txt",
  "/api",
  "/api/v1/",
  "/api/v1/house/",
  "/API/v1/house",
  "/__proto__",
  "/constructor",
  "/%",
];

test("only the files of the page are served, whatever the path", async (t) => {
  const folder = await temporaryFolder(t);
  const page = join(folder, "page");
  mkdirSync(page);
  writeFileSync(join(folder, "secret"), "secret");
  writeFileSync(join(page, "secret.txt"), "a type that the page does not have");
  writeFileSync(join(page, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(page, "page.js"), `document.title = "${"x".repeat(4_000)}";`);
  const web = await serveWeb(t, { page });
  for (const path of PATHS) {
    await t.test(path, async () => assert.equal(await statusFor(web, path), 404));
  }
  await t.test("a file is compressed once, and not sent again to those who have it", async () => {
    const script = await fetch(`${web.url}/page.js`, { headers: { "accept-encoding": "gzip" } });
    assert.equal(script.headers.get("content-encoding"), "gzip");
    assert.equal(script.headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.match(await script.text(), /^document.title = "x{4000}";$/);
    const etag = script.headers.get("etag") ?? "";
    assert.equal(await statusFor(web, "/page.js", { "if-none-match": etag }), 304);
    const plain = await fetch(`${web.url}/page.js`, { headers: { "accept-encoding": "identity, gzip;q=0, br;q=0.0" } });
    assert.equal(plain.headers.get("content-encoding"), null);
    assert.equal((await fetch(`${web.url}/`)).headers.get("content-type"), "text/html; charset=utf-8");
  });
});

test("without the files of the page, the address says so and the interfaces work", async (t) => {
  const web = await serveWeb(t);
  assert.match(await (await fetch(web.url)).text(), /The files of the page are not installed\. Run npm run build/);
  await answers(web);
});

test("every answer forbids scripts of others, frames, sniffing and caching, and names no server", async (t) => {
  const web = await serveWeb(t);
  for (const path of ["/", "/api/v1/house", "/nonexistent", "/metrics"]) {
    const { headers } = await fetch(`${web.url}${path}`);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/);
    assert.doesNotMatch(policy, /unsafe|\*|http/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cache-control"), path === "/" ? "no-cache" : "no-store");
    assert.equal(headers.get("server"), null);
    assert.equal(headers.get("x-powered-by"), null);
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
  const damaged = await web.raw("nonsense\r\n\r\n");
  assert.match(damaged, /\r\nx-content-type-options: nosniff\r\n/);
});

const CROSS_SITE: readonly [string, Record<string, string>][] = [
  ["a script of another site", { origin: "http://attacker.example" }],
  ["an image on another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
  ["a page on another port of this machine", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }],
];

test("pages of other sites get nothing", async (t) => {
  const web = await serveWeb(t);
  for (const [about, headers] of CROSS_SITE) {
    for (const path of ["/api/v1/house", "/events", "/metrics", "/export.csv?meter=house"]) {
      await t.test(`${about}: ${path}`, async () => assert.equal(await statusFor(web, path, headers), 403));
    }
  }
});

test("HEAD gets what GET gets, without the body", async (t) => {
  const web = await serveWeb(t, { history: historyOf([readingOf(1, { meter: "house" })]) });
  for (const path of ["/", "/api/v1/house", "/metrics", "/events", "/export.csv?meter=house"]) {
    const response = await fetch(`${web.url}${path}`, { method: "HEAD" });
    assert.equal(response.status, 200, path);
    assert.equal(await response.text(), "");
  }
});

// Token

const TOKEN = "0123456789abcdefghijkl";

test("the token comes once by the address and stays as a cookie", async (t) => {
  const web = await serveWeb(t, { token: TOKEN });
  const first = await fetch(`${web.url}/?token=${TOKEN}`, { redirect: "manual" });
  assert.equal(first.status, 303);
  assert.equal(first.headers.get("location"), "/");
  const [cookie = "", ...attributes] = (first.headers.get("set-cookie") ?? "").split("; ");
  assert.deepEqual(attributes, ["Path=/", "Max-Age=31536000", "HttpOnly", "SameSite=Strict"]);
  for (const path of ["/", "/api/v1/house", "/metrics"]) {
    assert.equal(await statusFor(web, path, { cookie: `other=1; ${cookie}` }), 200);
    assert.equal(await statusFor(web, path, { authorization: `Bearer ${TOKEN}` }), 200);
    assert.equal(await statusFor(web, path), 401);
    assert.equal(await statusFor(web, path, { cookie: `bms_token=${TOKEN}x` }), 401);
  }
  assert.equal(await statusFor(web, `/api/v1/house?token=${TOKEN}`), 401);
  assert.equal(await statusFor(web, "/nonexistent"), 401);
  assert.ok(!web.lines.join("\n").includes(TOKEN));
});

test("a browser without the cookie is led on once, then asked for the token", async (t) => {
  const web = await serveWeb(t, { token: TOKEN });
  const first = await fetch(web.url);
  assert.equal(first.status, 401);
  assert.match(await first.text(), /<meta http-equiv=refresh content="0;url=\/\?again">/);
  assert.doesNotMatch(await (await fetch(`${web.url}/?again`)).text(), /refresh/);
});

test("wrong tokens are limited in rate, logged once, and lock nobody out", async (t) => {
  const web = await serveWeb(t, { token: TOKEN });
  const statuses: number[] = [];
  for (let i = 0; i < 30; i += 1) statuses.push(await statusFor(web, `/?token=wrong${i}`));
  assert.deepEqual(new Set(statuses.slice(0, 10)), new Set([401]));
  assert.deepEqual(new Set(statuses.slice(10)), new Set([429]));
  assert.equal(await statusFor(web, "/", { authorization: `Bearer ${TOKEN}` }), 200);
  assert.equal(await statusFor(web, `/?token=${TOKEN}`), 303);
  assert.deepEqual(web.lines, ["wrong token from 127.0.0.1"]);
});

test("without a token its address still leads to the page", async (t) => {
  const web = await serveWeb(t);
  assert.equal(await statusFor(web, `/?token=${TOKEN}`), 303);
});

// Connections

test("1,000 connections that say nothing are bounded, and keep nobody out", async (t) => {
  const web = await serveWeb(t);
  await Promise.all(Array.from({ length: 1_000 }, () => web.open()));
  const ask = () => fetch(`${web.url}/metrics`, { headers: { connection: "close" } });
  const text = await until("the server answers", async () => (await ask()).text());
  assert.ok(Number(/^bms_viewer_connections (\d+)$/m.exec(text)?.[1]) <= 128);
});

test("a connection that sends its headers slowly, or nothing, is closed", async (t) => {
  const web = await serveWeb(t);
  const [silent, slow] = await Promise.all([web.open(), web.open()]);
  const received = once(slow, "data") as Promise<[Buffer]>;
  const both = Promise.all([once(silent, "close"), once(slow, "close")]);
  silent.resume();
  slow.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  const dripping = setInterval(() => slow.write("x: y\r\n"), 200);
  t.after(() => clearInterval(dripping));
  assert.equal(statusOf(String((await received)[0])), 408);
  await both;
  await answers(web);
});

test("requests sent ahead are not answered", async (t) => {
  const web = await serveWeb(t);
  const requests = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`.repeat(1_000);
  const received = await web.raw(requests);
  assert.ok(received.split("HTTP/1.1 200").length - 1 <= 1);
  await web.raw(`GET /events HTTP/1.1\r\n${HOST}\r\n${requests}`);
  await answers(web);
});

test("clients that leave in the middle leave nothing behind", async (t) => {
  const web = await serveWeb(t);
  for (let i = 0; i < 100; i += 1) {
    const socket = await web.open();
    socket.write(`GET /events HTTP/1.1\r\n${HOST}\r\n`);
    await once(socket, "data");
    socket.resetAndDestroy();
  }
  await until("no stream is open", async () =>
    /^bms_viewer_event_streams 0$/m.test(await (await fetch(`${web.url}/metrics`)).text()),
  );
});

// Events

/** The events of a stream, as they arrive. */
async function* eventsOf(url: string, signal: AbortSignal): AsyncGenerator<{ name: string; data: unknown }> {
  const { body } = await fetch(`${url}/events`, { signal });
  let text = "";
  for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (name && data) yield { name, data: JSON.parse(data) };
    }
  }
}

test("a stream begins with the house, then has what changes, and ticks", async (t) => {
  let view: HouseView = houseOf([meterOf("a"), meterOf("b")]);
  const web = await serveWeb(t, { house: () => view });
  const gone = new AbortController();
  t.after(() => gone.abort());
  const events = eventsOf(web.url, gone.signal);
  const next = async () => (await events.next()).value;
  assert.deepEqual(await next(), { name: "house", data: view });
  assert.deepEqual(await next(), { name: "tick", data: { at: AT } });
  const changed = meterOf("b", { state: "stale" });
  view = houseOf([meterOf("a"), changed], { feed: { state: "silent", since: AT } });
  assert.deepEqual(await next(), { name: "feed", data: view.feed });
  assert.deepEqual(await next(), { name: "meter", data: changed });
  assert.equal((await next())?.name, "tick");
  view = houseOf([changed]);
  assert.deepEqual(await next(), { name: "house", data: view });
});

test("50 pages may be open; beyond 64 the answer is 503", async (t) => {
  const web = await serveWeb(t);
  const gone = new AbortController();
  t.after(() => gone.abort());
  const responses = await Promise.all(
    Array.from({ length: 65 }, () => fetch(`${web.url}/events`, { signal: gone.signal })),
  );
  const statuses = responses.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 64);
  const refused = responses.find(({ status }) => status === 503);
  assert.equal(refused?.headers.get("retry-after"), "10");
  await answers(web);
});

// Interfaces

const READINGS = Array.from({ length: 5_000 }, (_, i) =>
  readingOf(i, {
    meter: "house",
    takenAt: AT + i * 2_000,
    sample: i % 100 === 0 ? { online: 0 } : { volts: 13.3, cycles: i, online: 1 },
  }),
);

test("the export has one header, and each reading once", async (t) => {
  const web = await serveWeb(t, { history: historyOf(READINGS) });
  const response = await fetch(`${web.url}/export.csv?meter=house`);
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8");
  const [header, ...rows] = (await response.text()).trimEnd().split("\n");
  assert.equal(header, "meter,time,utc,volts,cycles,online");
  assert.equal(rows[0], `house,${AT},${new Date(AT).toISOString()},,,0`);
  assert.equal(rows[1], `house,${AT + 2_000},${new Date(AT + 2_000).toISOString()},13.300,1,1`);
  assert.equal(rows.length, READINGS.length);
  const part = await fetch(`${web.url}/export.csv?meter=house&from=${AT + 2_000}&to=${AT + 6_000}`);
  assert.equal((await part.text()).split("\n").length, 4);
});

const ROUTES: readonly [string, number][] = [
  ["/api/v1/latest?meter=house", 200],
  ["/api/v1/latest?meter=none", 404],
  ["/api/v1/latest", 400],
  ["/api/v1/history?meter=house&quantities=volts,cycles&from=2026-11-27&to=2026-11-28&points=10", 200],
  ["/api/v1/history?meter=house&from=2026-11-28&to=2026-11-27", 400],
  ["/api/v1/history?meter=none", 404],
  ["/api/v1/energy?meter=house", 200],
  ["/api/v1/energy?meter=none", 404],
  ["/api/v1/energy?meter=house&days=5000", 400],
  ["/api/v1/lifetime?meter=house", 200],
  ["/api/v1/lifetime?meter=none", 404],
  ["/api/v1/meters", 200],
  ["/api/v1/meters?all=1", 400],
  ["/export.csv?meter=none", 404],
  ["/export.csv", 400],
  ["/healthz", 200],
];

test("routes and their statuses", async (t) => {
  const web = await serveWeb(t, { history: historyOf(READINGS) });
  for (const [path, status] of ROUTES) {
    await t.test(`${path}: ${status}`, async () => {
      const response = await fetch(`${web.url}${path}`);
      const body = (await response.json()) as { error?: string };
      assert.equal(response.status, status);
      assert.equal(typeof body.error, status >= 400 ? "string" : "undefined");
    });
  }
});

test("/healthz is 503 while the feed is away", async (t) => {
  const web = await serveWeb(t, { house: () => houseOf([], { feed: { state: "away", since: AT } }) });
  const response = await fetch(`${web.url}/healthz`);
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), { at: AT, state: "away", since: AT });
});

test("a failure of one request is an answer and one log line", async (t) => {
  const web = await serveWeb(t, {
    house: () => {
      throw new Error("broken");
    },
  });
  assert.equal(await statusFor(web, "/api/v1/house"), 500);
  assert.equal(await statusFor(web, "/api/v1/house"), 500);
  assert.equal(web.lines.length, 1);
  assert.match(web.lines[0] ?? "", /^a request failed: Error: broken/);
});
