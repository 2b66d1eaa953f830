import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";
import { encodeCpio } from "./image/cpio.ts";
import { ensureHostTools } from "./image/host-tools.ts";
import { buildImage } from "./image/image.ts";
import { bootMachine } from "./machine/machine.ts";
import { buildNativeSocket } from "./machine/native-socket.ts";
import { projectFiles, ROOT } from "./machine/project.ts";
import { parseLabOptions, SHELL } from "./options.ts";
import { runScenarios } from "./run.ts";
import { SCENARIOS } from "./scenarios/list.ts";
import { formatSummary, formatTable } from "./table.ts";

const CACHE = join(import.meta.dirname, "../../../.cache/lab");

/** How many earlier runs keep their logs. */
const KEPT_RUNS = 5;

/** What one machine takes of the host's memory. */
const MACHINE_BYTES = 1.5 * 2 ** 30;

const say = (line: string) => void process.stderr.write(`lab: ${line}\n`);

async function main(argv: readonly string[]): Promise<number> {
  const options = parseLabOptions(argv, SCENARIOS);
  ensureHostTools(say);
  mkdirSync(CACHE, { recursive: true });
  const image = buildImage(CACHE, say);
  removeOldRuns();
  const run = join(CACHE, `run-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`);
  mkdirSync(run);
  const initrd = join(run, "initrd");
  writeFileSync(initrd, readFileSync(image.root));
  appendFileSync(initrd, encodeCpio(await projectFiles(buildNativeSocket(ROOT, CACHE, say))));
  const boot = { kernel: image.kernel, initrd };
  try {
    if (options.scenarios[0] === SHELL) {
      await bootMachine({ ...boot, share: run, words: [SHELL], console: "terminal" }).off;
      return 0;
    }
    const names = options.scenarios.length > 0 ? options.scenarios : SCENARIOS.map(({ name }) => name);
    const machines = Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / MACHINE_BYTES)));
    const results = await runScenarios({ boot, names, kills: options.kills, machines, folder: run, say });
    process.stdout.write(`${formatTable(results)}\n\n${formatSummary(results)}\n`);
    say(`logs of everything: ${run}`);
    return results.every(({ findings }) =>
      findings.every(({ verdict }) => verdict === "passed" || verdict === "missed"),
    )
      ? 0
      : 1;
  } finally {
    rmSync(initrd, { force: true });
  }
}

function removeOldRuns(): void {
  const runs = readdirSync(CACHE)
    .filter((name) => name.startsWith("run-"))
    .sort();
  for (const old of runs.slice(0, -KEPT_RUNS)) rmSync(join(CACHE, old), { recursive: true });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
