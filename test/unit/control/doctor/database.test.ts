// cspell:ignore Vjcm
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { databasesOf, hasDedup } from "../../../../control/doctor/database.ts";
import { createProbeRow } from "../../../../control/doctor/probe-row.ts";

const row = createProbeRow("battery", 1_700_000_000_123);

/** me:secret */
const BASIC = "Basic bWU6c2VjcmV0";

/** A server that gives these answers by path and keeps the requests. */
async function withServer(
  answers: Readonly<Record<string, string>>,
  check: (url: string, requests: string[], logins: (string | undefined)[]) => Promise<void>,
) {
  const requests: string[] = [];
  const logins: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    logins.push(request.headers.authorization);
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? "").replaceAll("+", " ")}`);
    const answer = answers[(request.url ?? "").split("?")[0] ?? ""];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(answer ?? "no such page");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await check(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, logins);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("VictoriaMetrics is recognised by its metrics and queried for the sample", async () => {
  const metrics = 'vm_app_version{version="x"} 1\nflag{name="dedup.minScrapeInterval", value="1ms", is_set="true"} 1\n';
  const answers = { "/metrics": metrics, "/api/v1/export": '{"values":[0],"timestamps":[1700000000123]}\n' };
  await withServer(answers, async (url, requests) => {
    const [database] = databasesOf({ influxdb: [{ urls: [url] }] });
    assert.equal(await database?.contains(row), true);
    assert.equal(await database?.misconfiguration(), undefined);
    assert.deepEqual(requests, [
      "GET /metrics",
      'GET /api/v1/export?match[]=battery_online{meter="bms-doctor"}&start=1700000000.123',
    ]);
  });
});

test("VictoriaMetrics without deduplication is reported", async () => {
  const metrics = 'vm_app_version{version="x"} 1\nflag{name="dedup.minScrapeInterval", value="0s", is_set="false"} 1\n';
  await withServer({ "/metrics": metrics, "/api/v1/export": "" }, async (url) => {
    const [database] = databasesOf({ influxdb: [{ urls: [url] }] });
    assert.equal(await database?.contains(row), false);
    assert.match((await database?.misconfiguration()) ?? "", /^start VictoriaMetrics with -dedup/);
  });
});

test("InfluxDB 1.x is queried in its own language, with its database, and the login in a header", async () => {
  const answers = {
    "/metrics": "go_goroutines 1\n",
    "/query": '{"results":[{"series":[{"values":[[1700000000123,0]]}]}]}',
  };
  await withServer(answers, async (url, requests, logins) => {
    const [database] = databasesOf({ influxdb: { urls: [url], database: "home", username: "me", password: "secret" } });
    assert.equal(await database?.contains(row), true);
    assert.equal(await database?.misconfiguration(), undefined);
    assert.equal(
      requests[1],
      `GET /query?db=home&epoch=ms&q=SELECT "online" FROM "battery" WHERE "meter" = 'bms-doctor' AND time = 1700000000123ms`,
    );
    assert.deepEqual(logins, [BASIC, BASIC]);
  });
});

test("a login in a URL reaches the database, and nobody else", async () => {
  await withServer({ "/metrics": "", "/query": "1700000000123" }, async (url, requests, logins) => {
    const [database] = databasesOf({ influxdb: { urls: [url.replace("://", "://me:secret@")] } });
    assert.equal(await database?.contains(row), true);
    assert.equal(database?.url, url);
    assert.deepEqual(logins, [BASIC, BASIC]);
    assert.ok(!requests.join().includes("secret"));
  });
});

for (const [configured, shown] of [
  ["http://admin:s3cret@db.example:8086/", "http://db.example:8086"],
  ["http://admin:p%40ss@db.example", "http://db.example"],
  ["http://admin:a@s3cret@db.example", "http://db.example"],
  ["https://admin@db.example", "https://db.example"],
  ["http://db.example:8086/path@2", "http://db.example:8086/path@2"],
  ["unix:///run/influxdb.sock", "unix:///run/influxdb.sock"],
] as const) {
  test(`${configured} is shown as ${shown}`, () => {
    const databases = databasesOf({ influxdb: [{ urls: [configured] }], influxdb_v2: [{ urls: [configured] }] });
    assert.deepEqual(
      databases.map(({ url }) => url),
      [shown, shown],
    );
  });
}

test("InfluxDB 2.x is queried with the token, if the configuration contains it", async () => {
  await withServer({ "/api/v2/query": ",result,table,_time,meter\n,,0,x,bms-doctor\n" }, async (url, requests) => {
    const table = { urls: [url], organization: "home", bucket: "telegraf", token: "t" };
    const [database] = databasesOf({ influxdb_v2: [table] });
    assert.equal(await database?.contains(row), true);
    assert.deepEqual(requests, ["POST /api/v2/query?org=home"]);
    const [secret] = databasesOf({ influxdb_v2: [{ ...table, token: "$INFLUX_TOKEN" }] });
    await assert.rejects(
      secret?.contains(row) ?? Promise.resolve(),
      /Telegraf's configuration does not contain its token/,
    );
  });
});

test("a refusal carries the database's answer", async () => {
  await withServer({}, async (url) => {
    const [database] = databasesOf({ influxdb: [{ urls: [url] }] });
    await assert.rejects(database?.contains(row) ?? Promise.resolve(), /it answered 404 no such page/);
  });
});

test("an output without an address writes to its own machine", () => {
  assert.deepEqual(
    databasesOf({ influxdb: [{}] }).map(({ url }) => url),
    ["http://127.0.0.1:8086"],
  );
});

test("deduplication is on for any interval but nothing", () => {
  const flag = (value: string) => `flag{name="dedup.minScrapeInterval",value="${value}",is_set="true"} 1`;
  assert.deepEqual(
    ["1ms", "30s", "0s", "0"].map((value) => hasDedup(flag(value))),
    [true, true, false, false],
  );
  assert.equal(hasDedup("nothing of it"), false);
});
