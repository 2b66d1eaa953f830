import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Question } from "./question.ts";
import type { Answered } from "./report/document.ts";

const program = join(import.meta.dirname, "run.ts");

/** Asks questions at the same time, each in a process of its own: their agents lock adapters and devices by its number. */
export async function askTogether(
  questions: readonly Pick<Question, "name">[],
  options: readonly string[],
): Promise<Answered[]> {
  const folder = mkdtempSync(join(tmpdir(), "bms-bench-"));
  const over = new AbortController();
  try {
    return (await Promise.all(questions.map(({ name }) => ask(name, folder, options, over.signal)))).flat();
  } finally {
    over.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(name: string, folder: string, options: readonly string[], signal: AbortSignal): Promise<Answered[]> {
  const json = join(folder, `${name}.json`);
  const args = [...process.execArgv, program, name, "--json", json, ...options];
  const asking = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], signal });
  const status = await new Promise((resolve, reject) => asking.once("error", reject).once("exit", resolve));
  if (status !== 0) throw new Error(`the question ${name} ended with status ${status}`);
  return JSON.parse(readFileSync(json, "utf8")) as Answered[];
}
