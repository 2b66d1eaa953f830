import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ProgramOptions {
  /** Environment besides PATH, HOME and XDG_RUNTIME_DIR; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of stderr. */
  readonly onLog?: (line: string) => void;
  /** Called with each line of stdout. */
  readonly onLine?: (line: string) => void;
  /** `inherit` passes this process's stderr to the program. */
  readonly stderr?: "pipe" | "inherit";
  /** `pipe` lets the caller write to the program. Default: `ignore`. */
  readonly stdin?: "pipe" | "ignore";
  /** Default: the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A running program, its output so far, and its end. */
export interface Program {
  readonly pid: number;
  readonly process: ChildProcess;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves with the first line of stderr that matches, past or future. Rejects if the program ends without one. */
  logged(pattern: RegExp): Promise<string>;
  /** Resolves when the program has ended and all its output has been read. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Sends the signal, unless the program has ended, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const dist = join(import.meta.dirname, import.meta.dirname.endsWith("dist/lib") ? ".." : "../dist");

/** Starts dist/NAME.js. */
export function startProgram(name: string, args: readonly string[], options: ProgramOptions = {}): Program {
  return startProcess(process.execPath, ["--enable-source-maps", join(dist, `${name}.js`), ...args], options);
}

/**
 * Starts a program in a process group of its own: Ctrl-C on the terminal reaches only this process, which can then end its
 * programs in the order in which no reading is lost.
 */
export function startProcess(program: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const { PATH, HOME, XDG_RUNTIME_DIR } = process.env;
  const child = spawn(program, args, {
    detached: true,
    stdio: [options.stdin ?? "ignore", "pipe", options.stderr ?? "pipe"],
    ...options.user,
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
  const keepIn = (kept: string[], notify: ((line: string) => void) | undefined) => (line: string) => {
    kept.push(line);
    notify?.(line);
    for (const listener of listeners) listener();
  };
  if (child.stdout) createInterface({ input: child.stdout }).on("line", keepIn(stdout, options.onLine));
  if (child.stderr) createInterface({ input: child.stderr }).on("line", keepIn(stderr, options.onLog));

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
          const line = stderr.find((each) => pattern.test(each));
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
              `${[program, ...args].join(" ")} ended without logging ${pattern}. Its log:\n${stderr.join("\n")}`,
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
