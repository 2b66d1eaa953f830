import { join } from "node:path";
import { encode } from "msgpackr";
import { Push } from "zeromq";
import type { Bench } from "../question.ts";
import type { Backlog, Rate } from "./drain.ts";
import { rateOf } from "./drain.ts";
import { usageOf } from "./process.ts";
import { buildBaseline } from "./programs.ts";
import { readingAt } from "./readings.ts";
import { listenForRows } from "./row-sink.ts";
import { start } from "./subjects.ts";

/** The naive aggregator under the same backlog: a map a message, a write a reading. */
export async function naiveRate(bench: Bench, { readings, columns }: Backlog): Promise<Rate> {
  const endpoint = `ipc://${join(bench.folder, "naive.sock")}`;
  const output = join(bench.folder, "naive-rows.sock");
  const sink = await listenForRows(bench, output);
  const program = start(bench, bench.programs.node, [
    buildBaseline("naive-aggregator"),
    ...["--endpoint", endpoint, "--output", output],
  ]);
  await program.logged(/listening/);
  const socket = new Push();
  bench.after(() => socket.close());
  socket.connect(endpoint);
  const messages = Array.from({ length: 1_000 }, (_, i) => {
    const { meter, takenAt, sample } = readingAt(0, i + 1, columns);
    return encode({ meter, takenAt, ...sample });
  });
  const before = usageOf(program.pid);
  const begin = performance.now();
  for (let sent = 0; sent < readings; sent += 1) await socket.send(messages[sent % messages.length] ?? "");
  // It writes the names of the columns with each reading, and no NUL after a document.
  await sink.received(2 * readings);
  return rateOf(readings, sink.latestAt - begin, before, usageOf(program.pid));
}
