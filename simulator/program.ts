import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  /** Environment beside PATH and HOME; nothing else is handed down. */
  readonly env?: Readonly<Record<string, string>>;
  /** Each line of stderr, besides being kept. */
  readonly onLog?: (line: string) => void;
  /** Each line of stdout, besides being kept. */
  readonly onLine?: (line: string) => void;
  /** `inherit` hands the terminal's stderr to the program. */
  readonly stderr?: "pipe" | "inherit";
}

/** A program as a process of its own: what it says, and its end. */
export interface Program {
  readonly pid: number;
  readonly process: ChildProcess;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves with the first line of stderr, said already or still to come, that matches. Rejects when it ends first. */
  logged(pattern: RegExp): Promise<string>;
  /** Resolves when all its output has been read and it has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Sends the signal, unless it has ended, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const dist = join(import.meta.dirname, import.meta.dirname.endsWith("dist") ? "." : "../dist");

/** Starts dist/NAME.js. */
export function startProgram(name: string, args: readonly string[], options: ProgramOptions = {}): Program {
  return startProcess(process.execPath, ["--enable-source-maps", join(dist, `${name}.js`), ...args], options);
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C on the terminal reaches only whoever started it and
 * programs can be ended in the order in which nothing is lost.
 */
export function startProcess(program: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const { PATH, HOME, XDG_RUNTIME_DIR } = process.env;
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", "pipe", options.stderr ?? "pipe"],
    env: {
      ...(PATH && { PATH }),
      ...(HOME && { HOME }),
      ...(XDG_RUNTIME_DIR && { XDG_RUNTIME_DIR }),
      ...options.env,
    },
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  const listeners = new Set<() => void>();
  const heard = (kept: string[], tell: ((line: string) => void) | undefined) => (line: string) => {
    kept.push(line);
    tell?.(line);
    for (const listener of listeners) listener();
  };
  if (child.stdout) createInterface({ input: child.stdout }).on("line", heard(stdout, options.onLine));
  if (child.stderr) createInterface({ input: child.stderr }).on("line", heard(stderr, options.onLog));

  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? 0,
    process: child,
    stdout,
    stderr,
    ended,
    logged(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const line = stderr.find((said) => pattern.test(said));
          if (line === undefined) return;
          listeners.delete(look);
          resolve(line);
        };
        listeners.add(look);
        look();
        ended.then(() => {
          look();
          reject(
            new Error(
              `${[program, ...args].join(" ")} ended without saying ${pattern}; it said:\n${stderr.join("\n")}`,
            ),
          );
        }, reject);
      });
    },
    stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}
