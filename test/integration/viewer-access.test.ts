import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { assertAnswers, serveWeb, statusFor } from "../support/web.ts";

const HOST = "Host: 127.0.0.1\r\n";

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
  assert.match(String((await received)[0]), /^HTTP\/1\.1 408 /);
  await both;
  await assertAnswers(web);
});

test("requests sent ahead are not answered", async (t) => {
  const web = await serveWeb(t);
  const requests = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`.repeat(1_000);
  const received = await web.raw(requests);
  assert.ok(received.split("HTTP/1.1 200").length - 1 <= 1);
  await web.raw(`GET /events HTTP/1.1\r\n${HOST}\r\n${requests}`);
  await assertAnswers(web);
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
