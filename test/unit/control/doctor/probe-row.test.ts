import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { Database } from "../../../../control/doctor/database.ts";
import { createProbeRow, sendProbeRow } from "../../../../control/doctor/probe-row.ts";
import { checkArrival } from "../../../../control/doctor/telegraf.ts";

const row = createProbeRow("battery", 1_700_000_000_123);

test("the probe row is one CSV document, and is sent once the reader has read it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-probe-row-"));
  const path = join(folder, "telegraf.sock");
  let read = "";
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("data", (chunk) => {
      read += chunk;
    });
    socket.on("end", () => socket.end());
  }).listen(path);
  try {
    await once(server, "listening");
    await sendProbeRow(row, path);
    assert.equal(read, "meter,time,online\nbms-doctor,1700000000123,0\n\0");
    server.close();
    await once(server, "close");
    await assert.rejects(sendProbeRow(row, path), { code: "ENOENT" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A database in which the row is found by the n-th query. */
function database(looks: number): Database {
  let looked = 0;
  return {
    url: "http://db",
    contains: async () => {
      looked += 1;
      return looked >= looks;
    },
    misconfiguration: async () => undefined,
  };
}

test("a row that arrives is reported with its delay", async () => {
  const { verdict, message } = await checkArrival(row, database(8), virtualClock());
  assert.equal(`${verdict} ${message}`, "ok a probe row arrived in http://db after 7 s");
});

test("a row that never arrives is a fault after 30 s", async () => {
  const { verdict, message } = await checkArrival(row, database(Number.POSITIVE_INFINITY), virtualClock());
  assert.equal(`${verdict} ${message}`, "wrong a probe row that Telegraf has read is not in http://db after 30 s");
});

for (const [about, error, expected] of [
  [
    "nothing listens",
    new Error("fetch failed", { cause: { code: "ECONNREFUSED" } }),
    /^wrong .*does not answer \(ECONNREFUSED\)/,
  ],
  ["it takes too long", new DOMException("late", "TimeoutError"), /^wrong .*does not answer \(timed out\)/],
  [
    "it wants a password",
    new Error("it answered 401 unauthorized"),
    /^unknown http:\/\/db could not be queried: it answered 401/,
  ],
] as const) {
  test(`a database that cannot be queried because ${about}`, async () => {
    const refusing = { ...database(1), contains: () => Promise.reject(error) };
    const { verdict, message } = await checkArrival(row, refusing, virtualClock());
    assert.match(`${verdict} ${message}`, expected);
  });
}
