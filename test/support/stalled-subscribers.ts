import type { TestContext } from "node:test";
import { type Program, startProcess } from "../../simulator/program.ts";

/** Subscribes many times, and prints a line when all are connected, and one with the readings received of each on SIGUSR2. */
const PROGRAM = `
const { Subscriber } = require("zeromq");
const [, endpoint, count] = process.argv;
const received = Array(Number(count)).fill(0);
async function subscribe(i) {
  const socket = new Subscriber({ receiveHighWaterMark: 100 });
  const connected = new Promise((resolve) => socket.events.on("handshake", resolve));
  socket.subscribe("");
  socket.connect(endpoint);
  await connected;
  void (async () => {
    for await (const _ of socket) received[i] += 1;
  })();
}
process.on("SIGUSR2", () => console.log(JSON.stringify(received)));
Promise.all(received.map((_, i) => subscribe(i))).then(() => console.log("connected"));
`;

/** A process with many subscriptions, frozen by SIGSTOP as soon as all are connected; killed with the test. */
export async function stalledSubscribers(t: TestContext, endpoint: string, count: number): Promise<Program> {
  let connected = () => {};
  const ready = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const program = startProcess(process.execPath, ["-e", PROGRAM, endpoint, String(count)], { onLine: connected });
  t.after(() => program.stop("SIGKILL"));
  await Promise.race([
    ready,
    program.ended.then(() => Promise.reject(new Error(`it ended: ${program.stderr.join("\n")}`))),
  ]);
  program.process.kill("SIGSTOP");
  return program;
}
