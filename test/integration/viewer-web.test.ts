import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { historyOf } from "../support/house.ts";
import { readingOf } from "../support/reading.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { assertAnswers, serveWeb, statusFor } from "../support/web.ts";

const HOST = "Host: 127.0.0.1\r\n";
const CLOSE = "Connection: close\r\n\r\n";

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);

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
      await assertAnswers(web);
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
  await assertAnswers(web);
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
