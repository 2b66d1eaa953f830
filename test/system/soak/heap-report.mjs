// Preloaded into a program (`NODE_OPTIONS=--expose-gc --import …`): writes its live heap to $HEAP_REPORTS/PID.json, each
// time after a full garbage collection. It is JavaScript because the built programs run without tsx.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const EVERY_MS = 10_000;
const path = join(process.env.HEAP_REPORTS ?? ".", `${process.pid}.json`);

setInterval(() => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(`${path}.new`, JSON.stringify({ heapBytes: heapUsed + external }));
  renameSync(`${path}.new`, path);
}, EVERY_MS).unref();
