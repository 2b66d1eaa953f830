// An aggregator as one would write it first: a map a message, and a write a reading.
import { createConnection } from "node:net";
import { Command } from "commander";
import { unpack } from "msgpackr";
import { Pull } from "zeromq";

const { endpoint, output } = new Command()
  .requiredOption("--endpoint <url>")
  .option("--output <path>")
  .parse()
  .opts<{ endpoint: string; output?: string }>();
const out = output ? createConnection(output) : process.stdout;
const socket = new Pull();
await socket.bind(endpoint);
process.stderr.write("listening\n");
for await (const [message] of socket) {
  const reading = unpack(message as Buffer) as Record<string, string | number>;
  const cells = Object.values(reading).map((value) => (typeof value === "number" ? value.toFixed(3) : value));
  out.write(`${Object.keys(reading).join(",")}\n${cells.join(",")}\n`);
}
