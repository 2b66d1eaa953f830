import assert from "node:assert/strict";
import { test } from "node:test";
import type { HouseView } from "../../viewer/model/views.ts";
import { AT, historyOf, houseOf, meterOf } from "../support/house.ts";
import { readingOf } from "../support/reading.ts";
import { assertAnswers, serveWeb, statusFor } from "../support/web.ts";

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
  await assertAnswers(web);
});

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

test("the export of a meter of a site has its site in a column", async (t) => {
  const [reading = readingOf(1)] = READINGS;
  const web = await serveWeb(t, { history: historyOf([{ ...reading, meter: "shed/house" }]) });
  const response = await fetch(`${web.url}/export.csv?meter=shed/house`);
  assert.equal(await response.text(), `meter,time,utc,site,online\nhouse,${AT},${new Date(AT).toISOString()},shed,0\n`);
});

test("a long answer is gzip for a client that accepts it, a short one and one for any other client are plain", async (t) => {
  const web = await serveWeb(t, { history: historyOf(READINGS) });
  const chart = `${web.url}/api/v1/history?meter=house&from=${AT}&to=${AT + 6_000_000}&points=2000`;
  const ask = async (url: string, encoding: string, method = "GET") => {
    const response = await fetch(url, { method, headers: { "accept-encoding": encoding } });
    const { headers } = response;
    return {
      encoding: headers.get("content-encoding"),
      vary: headers.get("vary"),
      length: Number(headers.get("content-length")),
      text: await response.text(),
    };
  };
  const [zipped, plain] = [await ask(chart, "gzip"), await ask(chart, "gzip;q=0, br")];
  assert.deepEqual([zipped.encoding, plain.encoding], ["gzip", null]);
  assert.deepEqual([zipped.vary, plain.vary], ["accept-encoding", "accept-encoding"]);
  assert.equal(zipped.text, plain.text);
  assert.equal(plain.length, Buffer.byteLength(plain.text));
  assert.ok(zipped.length < plain.length / 2, `${zipped.length} of ${plain.length} bytes`);
  assert.equal((await ask(chart, "gzip", "HEAD")).length, zipped.length);
  assert.equal((await ask(`${web.url}/healthz`, "gzip")).encoding, null);
  assert.equal((await ask(`${web.url}/metrics`, "gzip")).encoding, "gzip");
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
