import { closeSync, openSync, writeSync } from "node:fs";
import { type Program, type ProgramOptions, startProcess as startProgram } from "../../../../simulator/program.ts";

export interface ProcessOptions extends Required<Pick<ProgramOptions, "user">>, Pick<ProgramOptions, "env" | "onLine"> {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Folder that gets NAME.log: both outputs of the process, with the time of each line. */
  readonly logs: string;
}

export interface RunningProcess extends Omit<Program, "process"> {
  readonly isRunning: boolean;
  /** Writes one line to its stdin. */
  type(line: string): void;
  signal(signal: NodeJS.Signals): void;
}

/** Starts a program in the machine and logs its output. */
export function startProcess({ name, command, logs, onLine, ...options }: ProcessOptions): RunningProcess {
  const [file, ...args] = command;
  const log = openSync(`${logs}/${name}.log`, "a");
  const write = (line: string) => void writeSync(log, `${(performance.now() / 1000).toFixed(3)} ${line}\n`);
  const program = startProgram(file, args, {
    ...options,
    stdin: "pipe",
    onLog: write,
    onLine(line) {
      onLine?.(line);
      write(line);
    },
  });
  const { process: child } = program;
  child.stdin?.on("error", () => {});
  const ended = program.ended.then((end) => {
    write(`ended with ${end.signal ?? `status ${end.code}`}`);
    closeSync(log);
    return end;
  });
  return {
    ...program,
    ended,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    type: (line) => void child.stdin?.write(`${line}\n`),
    signal: (signal) => void child.kill(signal),
    async stop(signal) {
      await program.stop(signal);
      return await ended;
    },
  };
}
