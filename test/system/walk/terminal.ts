import { spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { until } from "../../support/until.ts";

/** A shell of the owner: variables and the current directory stay from command to command. */
export interface Terminal {
  /** Runs commands. Returns what they print. @throws {Error} with all of it, where a command fails */
  run(script: string): Promise<string>;
  /** Everything printed since the last `run` began. */
  printed(): string;
}

export interface Place {
  readonly name: string;
  path(file: string): string;
  /** Enters the machine. */
  readonly command: readonly string[];
}

/** Longest time of one block of commands, ms. */
const WITHIN_MS = 120_000;
const PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games";
const END = "@@@ end of the step";
let scripts = 0;

export function openTerminal(t: TestContext, { name, path, command }: Place): Terminal {
  const [program = "", ...args] = command;
  const owner = [
    "runuser",
    "-u",
    "owner",
    "--",
    "env",
    "-i",
    "HOME=/home/owner",
    "USER=owner",
    `PATH=${PATH}`,
    "LANG=C.UTF-8",
  ];
  const shell = spawn(program, [...args, ...owner, "bash"], { stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => shell.kill("SIGKILL"));
  let printed = "";
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
  }
  shell.stdin.write(`exec 2>&1\ncd\ntrap 'echo "failed: $BASH_COMMAND"; failed=1' ERR\n`);
  return {
    printed: () => printed,
    async run(script) {
      const file = `/tmp/step-${++scripts}`;
      writeFileSync(path(file), script);
      chmodSync(path(file), 0o644);
      printed = "";
      shell.stdin.write(`failed=0; . ${file} </dev/null; echo "${END} $failed"\n`);
      const pattern = new RegExp(`^${END} (\\d)$`, "m");
      const [, failed] = await until(
        `${name}: ${script.split("\n")[0]} … ends`,
        () => pattern.exec(printed) ?? undefined,
        WITHIN_MS,
      ).catch((error) => {
        throw new Error(`${name}: a step does not end:\n${script}${printed}`, { cause: error });
      });
      const output = printed.slice(0, printed.search(pattern));
      if (failed !== "0") throw new Error(`${name}: a step fails:\n${script}${output}`);
      return output;
    },
  };
}
