import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { test } from "node:test";
import { SinkError } from "../../../../aggregator/outputs/sink.ts";
import { stdoutTo } from "../../../../aggregator/outputs/stdout.ts";

test("documents end with an empty line", async () => {
  const stdout = new PassThrough();
  const sink = await stdoutTo(stdout)();
  await sink.write("meter,time,volts\nbms,1,13.300\n");
  await sink.write("meter,time,volts\nbms,2,13.310\n");
  assert.equal(String(stdout.read()), "meter,time,volts\nbms,1,13.300\n\nmeter,time,volts\nbms,2,13.310\n\n");
});

test("it can give no receipt", async () => {
  assert.equal((await stdoutTo(new PassThrough())()).beginReceipt, undefined);
});

test("a document counts as taken when the stream has taken it, not before", async () => {
  let take = () => {};
  const slow = new Writable({
    write(_chunk, _encoding, done) {
      take = done;
    },
  });
  const sink = await stdoutTo(slow)();
  let isTaken = false;
  const written = sink.write("a\n").then(() => {
    isTaken = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!isTaken);
  take();
  await written;
});

test("a reader that is gone is lost for good", async () => {
  const closed = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  const open = stdoutTo(closed);
  const sink = await open();
  const isFinal = (error: unknown) =>
    error instanceof SinkError && error.isFinal && /its reader is gone/.test(error.message);
  await assert.rejects(sink.write("a\n"), isFinal);
  await assert.rejects(open(), isFinal);
  assert.ok(sink.lost.aborted);
});
