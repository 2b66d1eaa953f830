import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import type { Database } from "../../../../control/doctor/database.ts";
import { createMarker, followMarker, sendMarker } from "../../../../control/doctor/marker.ts";

const marker = createMarker("battery", 1_700_000_000_123);

test("the marker is one document as the aggregator writes them, and it is sent when the other side has read it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-marker-"));
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
    await sendMarker(marker, path);
    assert.equal(read, "meter,time,online\nbms-doctor,1700000000123,0\n\0");
    server.close();
    await once(server, "close");
    await assert.rejects(sendMarker(marker, path), { code: "ENOENT" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A database in which the marker arrives at the n-th look. */
function database(looks: number): Database {
  let looked = 0;
  return {
    url: "http://db",
    has: async () => {
      looked += 1;
      return looked >= looks;
    },
    complaint: async () => undefined,
  };
}

test("a marker that arrives is told with how long that took", async () => {
  const { verdict, text } = await followMarker(marker, database(8), virtualClock());
  assert.equal(`${verdict} ${text}`, "ok what Telegraf takes stands in http://db after 7 s");
});

test("a marker that never arrives ends the patience, not the doctor", async () => {
  const { verdict, text } = await followMarker(marker, database(Number.POSITIVE_INFINITY), virtualClock());
  assert.equal(
    `${verdict} ${text}`,
    "wrong what Telegraf takes is not in http://db after 30 s: journalctl -u telegraf tells why",
  );
});

for (const [about, error, expected] of [
  [
    "nobody listens",
    new Error("fetch failed", { cause: { code: "ECONNREFUSED" } }),
    /^wrong .*does not answer \(ECONNREFUSED\)/,
  ],
  ["it takes too long", new DOMException("late", "TimeoutError"), /^wrong .*does not answer \(no answer in time\)/],
  [
    "it wants a password",
    new Error("it answers 401 unauthorized"),
    /^unknown http:\/\/db was not asked: it answers 401/,
  ],
] as const) {
  test(`a database that cannot be asked because ${about}`, async () => {
    const refusing = { ...database(1), has: () => Promise.reject(error) };
    const { verdict, text } = await followMarker(marker, refusing, virtualClock());
    assert.match(`${verdict} ${text}`, expected);
  });
}
