import assert from "node:assert/strict";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import type { AggregatorOptions } from "../../../aggregator/cli/options.ts";
import { EndpointError } from "../../../aggregator/intake/claim-endpoint.ts";
import type { OutputUrl } from "../../../aggregator/outputs/output-url.ts";
import { serve } from "../../../aggregator/serve.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { type Log, silentLog } from "../../../common/runtime/log.ts";
import { silentNotify } from "../../../common/systemd/notify.ts";
import { listen, listenAt } from "../../support/listener.ts";
import { sendTo } from "../../support/sender.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";

const service = { ...silentNotify, leave() {} };

interface Serving {
  /** Documents on its standard output, without the empty lines. */
  readonly stdout: readonly string[];
  readonly said: readonly string[];
  stop(): Promise<void>;
}

/** An aggregator in this process, ended with the test. */
function start(t: TestContext, endpoint: string, outputs: readonly OutputUrl[], settleMs = 0): Serving {
  const stop = new AbortController();
  const stdout: string[] = [];
  const said: string[] = [];
  const say = (message: string) => said.push(message);
  const log: Log = { error: say, warn: say, info: say, debug: say };
  const stream = new PassThrough({ encoding: "utf8" });
  stream.on("data", (text: string) => stdout.push(...text.split("\n\n").filter(Boolean)));
  const options = { outputs, endpoint, settleMs, logLevel: "info", check: false, json: false } as const;
  const over = serve(options, stream, stop.signal, systemClock, log, service);
  over.catch(() => {});
  const end = () => {
    stop.abort();
    return over;
  };
  t.after(() => end().catch(() => {}));
  return { stdout, said, stop: end };
}

const endpointIn = async (t: TestContext) => `ipc://${join(await temporaryFolder(t), "readings.sock")}`;
/** `meter:polls` of every row. */
const rowsOf = (documents: readonly string[]) =>
  documents.flatMap((document) =>
    document
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((row) => `${row.split(",").at(0)}:${row.split(",").at(-1)}`),
  );
const numbered = (meter: string, count: number) => Array.from({ length: count }, (_, i) => `${meter}:${i + 1}`);
const isEmpty = (sender: ReturnType<typeof sendTo>) => async () => sender.outbox.backlog === 0;

test("readings of several agents come out once, each agent's in order", async (t) => {
  const endpoint = await endpointIn(t);
  const { stdout } = start(t, endpoint, ["-"]);
  const [bms, solar] = [sendTo(t, endpoint), sendTo(t, endpoint, { meter: "solar" })];
  for (let round = 0; round < 10; round += 1) {
    bms.put(30);
    solar.put(30);
  }
  await until("all accepted", async () => bms.outbox.backlog + solar.outbox.backlog === 0);
  const rows = rowsOf(stdout);
  assert.deepEqual(
    rows.filter((row) => row.startsWith("bms")),
    numbered("bms", 300),
  );
  assert.deepEqual(
    rows.filter((row) => row.startsWith("solar")),
    numbered("solar", 300),
  );
  assert.equal(rows.length, 600);
});

test("an agent that was there first delivers what it kept, in order", async (t) => {
  const endpoint = await endpointIn(t);
  const sender = sendTo(t, endpoint);
  sender.put(500);
  const { stdout } = start(t, endpoint, ["-"]);
  await until("all accepted", isEmpty(sender));
  assert.deepEqual(rowsOf(stdout), numbered("bms", 500));
  assert.equal(sender.outbox.unsettled, 0);
});

test("an aggregator that is started again goes on where the other ended", async (t) => {
  const endpoint = await endpointIn(t);
  const first = start(t, endpoint, ["-"]);
  const sender = sendTo(t, endpoint);
  sender.put(3);
  await until("the first three", isEmpty(sender));
  await first.stop();
  sender.put(3);
  const second = start(t, endpoint, ["-"]);
  await until("the others", isEmpty(sender));
  assert.deepEqual([...rowsOf(first.stdout), ...rowsOf(second.stdout)], numbered("bms", 6));
});

test("what is in hand when it is told to stop is written and acknowledged", async (t) => {
  const endpoint = await endpointIn(t);
  const { stdout, stop } = start(t, endpoint, ["-"]);
  const sender = sendTo(t, endpoint);
  sender.put(1);
  await until("the first", isEmpty(sender));
  sender.put(100);
  await stop();
  assert.deepEqual(rowsOf(stdout), numbered("bms", 101 - sender.outbox.unsettled));
});

test("an agent with a large backlog does not starve the others", async (t) => {
  const endpoint = await endpointIn(t);
  start(t, endpoint, ["-"]);
  const [busy, calm] = [sendTo(t, endpoint), sendTo(t, endpoint, { meter: "solar" })];
  busy.put(1);
  calm.put(1);
  await until("both to be there", async () => busy.outbox.backlog + calm.outbox.backlog === 0);
  busy.put(20_000);
  calm.put(1);
  await until("the calm one's reading", isEmpty(calm));
  assert.ok(busy.outbox.backlog > 0);
  await until("the backlog", isEmpty(busy));
});

test("a second aggregator on the same endpoint is refused, and the first goes on", async (t) => {
  const endpoint = await endpointIn(t);
  const { stdout, said } = start(t, endpoint, ["-"]);
  await until("the first", async () => said.length > 0);
  await assert.rejects(start(t, endpoint, ["-"]).stop(), EndpointError);
  const sender = sendTo(t, endpoint);
  sender.put(1);
  await until("a reading", isEmpty(sender));
  assert.deepEqual(rowsOf(stdout), ["bms:1"]);
});

test("nothing is settled before Telegraf has read it, and then the agent lets go of it", async (t) => {
  const endpoint = await endpointIn(t);
  const telegraf = await listen(t);
  telegraf.reading(false);
  start(t, endpoint, [`unix://${telegraf.path}`]);
  const sender = sendTo(t, endpoint);
  sender.put(5);
  await until("all accepted", isEmpty(sender));
  await until("a receipt asked for", async () => telegraf.connections.size === 2);
  telegraf.reading(true);
  await until("all settled", async () => sender.outbox.unsettled === 0);
  assert.deepEqual(rowsOf(telegraf.documents), numbered("bms", 5));
});

test("when Telegraf dies, all that is not settled is written again to the next one, oldest first", async (t) => {
  const endpoint = await endpointIn(t);
  const telegraf = await listen(t);
  const { said } = start(t, endpoint, [`unix://${telegraf.path}`], 3_600_000);
  const sender = sendTo(t, endpoint);
  sender.put(5);
  await until("all accepted", isEmpty(sender));
  await telegraf.crash();
  sender.put(5);
  await until("the loss", async () => said.some((line) => line.includes("Telegraf has closed")));
  const next = await listenAt(t, telegraf.path);
  await until("all ten", async () => next.documents.length > 0 && sender.outbox.backlog === 0);
  assert.deepEqual(rowsOf(next.documents), numbered("bms", 10));
  assert.equal(said.filter((line) => line.includes("back after")).length, 1);
});

test("without Telegraf nothing is accepted, and what waits is delivered when it comes", async (t) => {
  const endpoint = await endpointIn(t);
  const path = join(await temporaryFolder(t), "telegraf.sock");
  const { said } = start(t, endpoint, [`unix://${path}`]);
  const sender = sendTo(t, endpoint);
  sender.put(1000);
  await until("the complaint", async () => said.some((line) => line.includes("start Telegraf")));
  assert.equal(sender.outbox.backlog, 1000);
  const telegraf = await listenAt(t, path);
  await until("all accepted", isEmpty(sender));
  await until("the rows", async () => rowsOf(telegraf.documents).length >= 1000);
  assert.deepEqual(rowsOf(telegraf.documents), numbered("bms", 1000));
});

test("standard output beside a socket keeps nobody waiting", async (t) => {
  const endpoint = await endpointIn(t);
  const telegraf = await listen(t);
  const stuck = new PassThrough({ highWaterMark: 1 });
  const stop = new AbortController();
  const options = {
    outputs: ["-", `unix://${telegraf.path}`],
    endpoint,
    settleMs: 0,
    logLevel: "info",
    check: false,
    json: false,
  };
  const over = serve(options as AggregatorOptions, stuck, stop.signal, systemClock, silentLog, service);
  const sender = sendTo(t, endpoint);
  sender.put(100);
  await until("all settled", async () => sender.outbox.unsettled === 0);
  stop.abort();
  await over;
});

test("an aggregator whose only output has no reader any more ends", async (t) => {
  const endpoint = await endpointIn(t);
  const closed = new Writable({ write: (_chunk, _encoding, done) => done(new Error("write EPIPE")) });
  const options = { outputs: ["-"], endpoint, settleMs: 0, logLevel: "info", check: false, json: false } as const;
  const over = serve(options, closed, new AbortController().signal, systemClock, silentLog, service);
  const sender = sendTo(t, endpoint);
  sender.put(1);
  await over;
  assert.equal(sender.outbox.backlog, 1);
});
