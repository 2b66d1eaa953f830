import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface ProcessOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Folder that gets NAME.log: both outputs of the process, with the time of each line. */
  readonly logs: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly user: { readonly uid: number; readonly gid: number };
  /** Called for each line of stdout, besides keeping it. */
  onLine?(line: string): void;
}

export interface RunningProcess {
  readonly pid: number;
  /** Lines in the order in which they came. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly isRunning: boolean;
  readonly ended: Promise<ProcessEnd>;
  /** Writes one line to its stdin. */
  type(line: string): void;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<ProcessEnd>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a program in the machine and keeps its output. */
export function startProcess({ name, command, logs, env, user, onLine }: ProcessOptions): RunningProcess {
  const [file, ...args] = command;
  const child = spawn(file, args, { stdio: "pipe", env: { PATH: process.env.PATH ?? "", ...env }, ...user });
  child.stdin.on("error", () => {});
  const log = openSync(`${logs}/${name}.log`, "a");
  const write = (line: string) => void writeSync(log, `${(performance.now() / 1000).toFixed(3)} ${line}\n`);
  const keep = (stream: Readable, onKept?: (line: string) => void): string[] => {
    const kept: string[] = [];
    createInterface({ input: stream }).on("line", (line) => {
      kept.push(line);
      onKept?.(line);
      write(line);
    });
    return kept;
  };
  const [stdout, stderr] = [keep(child.stdout, onLine), keep(child.stderr)];
  let isRunning = true;
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      isRunning = false;
      write(`ended with ${signal ?? `status ${code}`}`);
      closeSync(log);
      resolve({ code, signal });
    });
  });
  const signal = (name: NodeJS.Signals) => {
    if (isRunning) child.kill(name);
  };
  return {
    pid: child.pid ?? 0,
    stdout,
    stderr,
    get isRunning() {
      return isRunning;
    },
    ended,
    type: (line) => void child.stdin.write(`${line}\n`),
    signal,
    stop(name) {
      signal(name);
      return ended;
    },
  };
}
