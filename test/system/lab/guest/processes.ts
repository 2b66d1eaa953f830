import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

export interface ProcessPlan {
  /** For the file of its output. */
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Folder that gets NAME.log, with both outputs of the process and the time of each line. */
  readonly logs: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Root where absent. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Each line of stdout, besides being kept. */
  onLine?(line: string): void;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Lines of stdout and stderr in the order in which they came. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly isRunning: boolean;
  readonly ended: Promise<ProcessEnd>;
  /** One line for its stdin. */
  type(line: string): void;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a program in the machine and keeps what it says. */
export function startProcess({ name, command, logs, env, user, onLine }: ProcessPlan): RunningProcess {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    stdio: "pipe",
    env: { PATH: process.env.PATH ?? "", ...env },
    ...user,
  });
  child.stdin.on("error", () => {});
  const log = openSync(`${logs}/${name}.log`, "a");
  const note = (line: string) => void writeSync(log, `${(performance.now() / 1000).toFixed(3)} ${line}\n`);
  const keep = (stream: ChildProcess["stdout"], tell?: (line: string) => void): string[] => {
    const kept: string[] = [];
    if (stream) {
      createInterface({ input: stream }).on("line", (line) => {
        kept.push(line);
        tell?.(line);
        note(line);
      });
    }
    return kept;
  };
  const [stdout, stderr] = [keep(child.stdout, onLine), keep(child.stderr)];
  let isRunning = true;
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      isRunning = false;
      note(`ended with ${signal ?? `status ${code}`}`);
      closeSync(log);
      resolve({ code, signal });
    });
  });
  const signal = (name: NodeJS.Signals) => {
    if (isRunning) child.kill(name);
  };
  return {
    name,
    pid: child.pid ?? 0,
    stdout,
    stderr,
    get isRunning() {
      return isRunning;
    },
    ended,
    type: (line) => void child.stdin.write(`${line}\n`),
    signal,
    stop(name = "SIGTERM") {
      signal(name);
      return ended;
    },
  };
}
