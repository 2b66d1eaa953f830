// Loaded into an agent by `node --import`: faults that no signal causes by itself.
process.on("SIGUSR2", () => process.abort());
/** Nobody notifies it: a wait for it blocks the event loop for ever. */
const never = new Int32Array(new SharedArrayBuffer(4));
process.on("SIGWINCH", () => Atomics.wait(never, 0, 0));
