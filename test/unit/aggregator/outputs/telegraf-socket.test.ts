import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { SinkError } from "../../../../aggregator/outputs/sink.ts";
import { telegrafSink } from "../../../../aggregator/outputs/telegraf-socket.ts";
import { listen } from "../../../support/listener.ts";
import { rowOf } from "../../../support/reading.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { until } from "../../../support/until.ts";

const reading = (n: number) => rowOf(n, { sample: { polls: n } });
const document = (n: number) => `meter,time,polls\nbms,${1_700_000_000_000 + n},${n}\n`;
const reasonOf = async (lost: AbortSignal) => {
  if (!lost.aborted) await once(lost, "abort");
  return lost.reason;
};

test("documents arrive whole and in order, each ended by a NUL byte", async (t) => {
  const telegraf = await listen(t);
  const sink = await telegrafSink(telegraf.path)();
  t.after(() => sink.close());
  for (const n of [1, 2, 3]) await sink.write([reading(n)]);
  await until("three documents", async () => telegraf.documents.length === 3);
  assert.deepEqual(telegraf.documents, [1, 2, 3].map(document));
});

test("a receipt comes when everything written before it was read; later writes use the next connection", async (t) => {
  const telegraf = await listen(t);
  const sink = await telegrafSink(telegraf.path)();
  t.after(() => sink.close());
  await sink.write([reading(1)]);
  const receipt = await sink.beginReceipt?.();
  await sink.write([reading(2)]);
  await receipt?.read;
  assert.equal(telegraf.documents[0], document(1));
  await until("both documents", async () => telegraf.documents.length === 2);
  assert.equal(telegraf.connections.size, 1);
  assert.ok(!sink.lost.aborted);
});

test("a receiver that reads nothing gives no receipt until it reads", async (t) => {
  const telegraf = await listen(t);
  telegraf.reading(false);
  const sink = await telegrafSink(telegraf.path)();
  t.after(() => sink.close());
  await sink.write([reading(1)]);
  let isRead = false;
  const receipt = await sink.beginReceipt?.();
  const read = receipt?.read.then(() => {
    isRead = true;
  });
  await until("both connections", async () => telegraf.connections.size === 2);
  assert.ok(!isRead);
  telegraf.reading(true);
  await read;
  assert.deepEqual(telegraf.documents, [document(1)]);
});

test("a receiver that crashes is lost at once, also while nothing is written, and gives no receipt", async (t) => {
  const telegraf = await listen(t);
  telegraf.reading(false);
  const sink = await telegrafSink(telegraf.path)();
  await sink.write([reading(1)]);
  const receipt = await sink.beginReceipt?.();
  const refused = assert.rejects(receipt?.read ?? Promise.resolve(), SinkError);
  await until("both connections", async () => telegraf.connections.size === 2);
  await telegraf.crash();
  await refused;
  assert.ok((await reasonOf(sink.lost)) instanceof SinkError);
  await assert.rejects(sink.write([reading(2)]), SinkError);
});

/** Blocks this process as a stop by a signal does: nothing is noticed before it goes on. */
function block(what: string, isTrue: () => boolean) {
  const endsAt = performance.now() + 20_000;
  while (!isTrue()) {
    if (performance.now() > endsAt) throw new Error(`${what}: not within 20 s`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

test("a receiver that is killed and started again while this process stands still is lost, and gives no receipt", async (t) => {
  const path = join(await temporaryFolder(t), "telegraf.sock");
  // The socket's file is there a moment before anybody listens on it.
  const program = `
    const [path, isListening] = process.argv.slice(1);
    require("net").createServer((socket) => socket.resume()).listen(path, () => require("fs").writeFileSync(isListening, ""));
  `;
  const start = () => {
    const isListening = `${path}.listening`;
    rmSync(isListening, { force: true });
    const telegraf = spawn(process.execPath, ["-e", program, path, isListening], { stdio: "ignore" });
    t.after(() => telegraf.kill("SIGKILL"));
    block("a listener", () => existsSync(isListening));
    return telegraf;
  };
  const first = start();
  const sink = await telegrafSink(path)();
  t.after(() => sink.close());
  await sink.write([reading(1)]);
  // In a timer, as receipts are requested: what a timer starts is done before Node looks at sockets again.
  await new Promise((resolve) => setTimeout(resolve, 0));
  first.kill("SIGKILL");
  block("the end of the first", () => / Z /.test(readFileSync(`/proc/${first.pid}/stat`, "utf8")));
  rmSync(path);
  start();
  await assert.rejects(async () => (await sink.beginReceipt?.())?.read, SinkError);
  assert.ok((await reasonOf(sink.lost)) instanceof SinkError);
});

test("a receiver that closes in an orderly way is lost too, although it had read everything", async (t) => {
  const path = join(await temporaryFolder(t), "telegraf.sock");
  const server = createServer((socket) => {
    socket.once("data", () => {
      server.close();
      socket.end();
    });
  });
  await once(server.listen(path), "listening");
  const sink = await telegrafSink(path)();
  await sink.write([reading(1)]);
  assert.match((await reasonOf(sink.lost)).message, /Telegraf has closed/);
});

test("a receiver that is gone when a receipt is requested is lost", async (t) => {
  const telegraf = await listen(t);
  const sink = await telegrafSink(telegraf.path)();
  await telegraf.crash();
  await assert.rejects(sink.beginReceipt?.() ?? Promise.resolve(), SinkError);
  assert.ok(sink.lost.aborted);
});

test("written data stays written when the sink is closed", async (t) => {
  const telegraf = await listen(t);
  telegraf.reading(false);
  const sink = await telegrafSink(telegraf.path)();
  await sink.write([reading(1)]);
  sink.close();
  await until("the connection", async () => telegraf.connections.size === 1);
  telegraf.reading(true);
  await until("the document", async () => telegraf.documents.length === 1);
});

test("a write that waits for a stuck receiver ends when the sink is closed", async (t) => {
  const telegraf = await listen(t);
  telegraf.reading(false);
  const sink = await telegrafSink(telegraf.path)();
  const flood = (async () => {
    for (;;) await sink.write(Array.from({ length: 500 }, (_, i) => reading(i)));
  })();
  const ended = assert.rejects(flood, SinkError);
  await until("the connection", async () => telegraf.connections.size === 1);
  sink.close();
  await ended;
});

test("an absent receiver is a SinkError with a remedy", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "file");
  await writeFile(file, "");
  await assert.rejects(telegrafSink(join(folder, "none.sock"))(), (error) => {
    return error instanceof SinkError && /there is no .*none\.sock: start Telegraf/.test(error.message);
  });
  await assert.rejects(
    telegrafSink(file)(),
    (error) => error instanceof SinkError && /nobody listens/.test(error.message),
  );
});
