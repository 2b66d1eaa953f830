import { join } from "node:path";
import { type Program, startProcess } from "../../../simulator/program.ts";
import { until } from "../../support/until.ts";
import type { Bench } from "../question.ts";

export interface SenderOptions {
  readonly endpoint: string;
  readonly agents: number;
  /** Of all agents together. */
  readonly readings: number;
  /** Of a row. */
  readonly columns: number;
  readonly perSecond?: number;
  /** Readings that are not accepted, at most. */
  readonly inFlight?: number;
}

export interface Sender {
  readonly program: Program;
  begin(): void;
  /** Resolves when the aggregator has accepted everything. */
  accepted(): Promise<unknown>;
}

/** Starts the outboxes of agents in a process of their own, and waits until they can send. */
export async function startSender(bench: Pick<Bench, "after">, options: SenderOptions): Promise<Sender> {
  const main = join(import.meta.dirname, "sender-main.ts");
  const program = startProcess(process.execPath, ["--import", "tsx", main, JSON.stringify(options)]);
  bench.after(() => program.stop("SIGKILL"));
  const printed = (line: string) =>
    until(
      `a sender that is ${line}`,
      () => {
        if (program.process.exitCode) throw new Error(program.stderr.join("\n"));
        return program.stdout.includes(line);
      },
      1_800_000,
      5,
    );
  await printed("ready");
  return { program, begin: () => void program.process.kill("SIGUSR2"), accepted: () => printed("accepted") };
}
