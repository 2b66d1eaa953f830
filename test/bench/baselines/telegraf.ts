import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Program } from "../../../simulator/program.ts";
import { snippet } from "../../system/telegraf/snippet.ts";
import { type Rate, rateOf } from "../measure/drain.ts";
import { usageOf } from "../measure/process.ts";
import { start } from "../measure/subjects.ts";
import type { Bench } from "../question.ts";

export interface Telegraf {
  readonly program: Program;
  readonly socket: string;
}

/** A real Telegraf with the shipped configuration, whose output discards everything. Undefined where there is none. */
export async function startTelegraf(bench: Bench): Promise<Telegraf | undefined> {
  const { telegraf } = bench.programs;
  if ("missing" in telegraf) return undefined;
  const socket = join(bench.folder, "telegraf.sock");
  const file = join(bench.folder, "telegraf.conf");
  const agent = `[agent]\n  omit_hostname = true\n  metric_buffer_limit = 100000\n[[outputs.discard]]\n`;
  writeFileSync(
    file,
    agent + snippet("battery.conf", { replace: { "unix:///run/telegraf/bms.sock": `unix://${socket}` } }),
  );
  const program = start(bench, telegraf.path, ["--config", file]);
  await program.logged(/Listening on /);
  return { program, socket };
}

/** Writes documents over one connection until Telegraf has read and parsed them. */
export async function feedTelegraf({ program, socket }: Telegraf, documents: Buffer, rows: number): Promise<Rate> {
  const before = usageOf(program.pid);
  const begin = performance.now();
  await new Promise<void>((resolve, reject) => {
    const connection = connect(socket);
    connection.on("error", reject);
    connection.on("close", () => resolve());
    connection.resume();
    connection.end(documents);
  });
  return rateOf(rows, performance.now() - begin, before, usageOf(program.pid));
}
