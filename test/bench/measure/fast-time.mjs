// Preloaded into an agent: all its clocks and timers run $FAST_TIME times as fast. It is JavaScript because the built programs
// run without tsx.
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";

const FACTOR = Number(process.env.FAST_TIME);
const { setTimeout: wait, setInterval: repeat, performance, Date: RealDate } = globalThis;
/** A clock that has the real time now and runs faster from here on. */
function faster(real) {
  const begin = real();
  return () => begin + (real() - begin) * FACTOR;
}

globalThis.setTimeout = (work, ms, ...rest) => wait(work, ms / FACTOR, ...rest);
globalThis.setInterval = (work, ms, ...rest) => repeat(work, ms / FACTOR, ...rest);
performance.now = faster(performance.now.bind(performance));
const now = faster(RealDate.now.bind(RealDate));
RealDate.now = () => Math.round(now());
const nanoseconds = process.hrtime.bigint;
const begin = nanoseconds();
process.hrtime.bigint = () => begin + (nanoseconds() - begin) * BigInt(FACTOR);
os.uptime = faster(os.uptime);
syncBuiltinESMExports();
