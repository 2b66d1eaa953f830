// Loaded into an agent by `node --import`, to bring on from outside what no signal can.
process.on("SIGUSR2", () => process.abort());
/** Never notified: who waits here waits for ever, and the event loop with it. */
const never = new Int32Array(new SharedArrayBuffer(4));
process.on("SIGWINCH", () => Atomics.wait(never, 0, 0));
