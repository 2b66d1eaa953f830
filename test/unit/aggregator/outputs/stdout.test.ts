import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { test } from "node:test";
import { SinkError } from "../../../../aggregator/outputs/sink.ts";
import { stdoutSink } from "../../../../aggregator/outputs/stdout.ts";
import { rowOf } from "../../../support/reading.ts";

test("documents end with an empty line", async () => {
  const stdout = new PassThrough();
  const sink = await stdoutSink(stdout)();
  await sink.write([rowOf(1), rowOf(2)]);
  await sink.write([rowOf(3)]);
  assert.equal(
    String(stdout.read()),
    "meter,time,volts,polls\nbms,1700000000001,13.300,1\nbms,1700000000002,13.300,2\n\n" +
      "meter,time,volts,polls\nbms,1700000000003,13.300,3\n\n",
  );
});

test("it gives no receipt", async () => {
  assert.equal((await stdoutSink(new PassThrough())()).beginReceipt, undefined);
});

test("a write resolves when the stream has taken it, not before", async () => {
  let finish = () => {};
  const slow = new Writable({
    write(_chunk, _encoding, done) {
      finish = done;
    },
  });
  const sink = await stdoutSink(slow)();
  let isWritten = false;
  const writing = sink.write([rowOf(1)]).then(() => {
    isWritten = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!isWritten);
  finish();
  await writing;
});

test("a reader that is gone is final", async () => {
  const closed = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  const open = stdoutSink(closed);
  const sink = await open();
  const isFinal = (error: unknown) =>
    error instanceof SinkError && error.isFinal && /its reader is gone/.test(error.message);
  await assert.rejects(sink.write([rowOf(1)]), isFinal);
  await assert.rejects(open(), isFinal);
  assert.ok(sink.lost.aborted);
});
