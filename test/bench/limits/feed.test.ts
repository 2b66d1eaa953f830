// The cost of the live feed: memory of an aggregator with 20 stopped subscribers, and the time for its readings beside that without.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { feedEndpoint } from "../../../common/wire/endpoint.ts";
import { encodeFeedMessage } from "../../../common/wire/feed.ts";
import { startProgram } from "../../../simulator/program.ts";
import { readingOf } from "../../support/reading.ts";
import { sendTo } from "../../support/sender.ts";
import { stalledSubscribers } from "../../support/stalled-subscribers.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";

const SUBSCRIBERS = 20;
const HIGH_WATER_MARK = 4_000;
/** Of one round: several times the high-water mark. */
const READINGS = 30_000;

const fixture = join(import.meta.dirname, "../../fixtures/captures/jbd-idle.expected.jsonl");
const { sample } = JSON.parse(readFileSync(fixture, "utf8").split("\n", 1).join());

test("stopped subscribers of the live feed", async (t) => {
  const endpoint = `ipc://${join(await temporaryFolder(t), "readings.sock")}`;
  const aggregator = startProgram("bms-aggregator", ["--endpoint", endpoint]);
  t.after(() => aggregator.stop("SIGKILL"));
  await aggregator.logged(/listening on/);
  const sender = sendTo(t, endpoint, { sample });

  /** Delivers as many readings, and returns the seconds. */
  async function round(): Promise<number> {
    const begin = performance.now();
    sender.put(READINGS);
    await until("all settled", () => sender.outbox.unsettled === 0, 120_000, 10);
    return (performance.now() - begin) / 1000;
  }
  await round();
  const [aloneS, aloneKb] = [await round(), privateKb(aggregator.pid)];
  await stalledSubscribers(t, feedEndpoint(endpoint), SUBSCRIBERS);
  const [fillS, fullKb] = [await round(), privateKb(aggregator.pid)];
  const [afterS, afterKb] = [await round(), privateKb(aggregator.pid)];

  // Contents are shared by all subscribers; for each of them, a frame in ZeroMQ's queue takes 64 bytes.
  const messageBytes = encodeFeedMessage(readingOf(1, { sample })).payload.length;
  const boundKb = (HIGH_WATER_MARK * (messageBytes + 2 * 64 * SUBSCRIBERS)) / 1024;
  t.diagnostic(
    `a message of the feed: ${messageBytes} bytes; bound of ${SUBSCRIBERS} queues: ${Math.round(boundKb)} kB`,
  );
  t.diagnostic(
    `private memory after ${READINGS} readings: ${aloneKb} kB alone, ${fullKb} kB with ${SUBSCRIBERS} stopped subscribers, ${afterKb} kB after as many again`,
  );
  t.diagnostic(
    `${READINGS} readings delivered in ${aloneS.toFixed(2)} s alone, ${fillS.toFixed(2)} s and ${afterS.toFixed(2)} s with stopped subscribers`,
  );
  // What Node's heap adds varies from run to run: its collector is in no hurry.
  assert.ok(afterKb < 1.25 * fullKb, `${fullKb} kB, then ${afterKb} kB`);
});

/** Memory of a process that is no file's: its heaps and stacks. */
function privateKb(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
