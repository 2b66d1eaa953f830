// What it takes to end an agent whose readings nobody takes: until the last of them is on disk, and until the process is
// gone, beside a bare Node that is told to end. Prints figures; fails beyond what is promised.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Program, startProcess, startProgram } from "../../simulator/program.ts";

const DEVICE = "A4:C1:37:00:00:01";
const RUNS = 5;
/** Readings that wait when the agent is told to end: too few and too young to be on disk by then. */
const READINGS = 20;
const ON_DISK_WITHIN_MS = 1_000;
const GONE_WITHIN_MS = 5_000;

const folder = mkdtempSync(join(tmpdir(), "bms-bench-"));
const simulatorSocket = join(folder, "simulator.sock");
const print = (text: string) => process.stdout.write(`${text}\n`);

try {
  const simulator = startProgram("simulator", ["--socket", simulatorSocket, "--jbd", "1", "--latency", "1"]);
  await simulator.logged(/listening/);
  const [onDisk, gone, bare]: number[][] = [[], [], []];
  for (let run = 0; run < RUNS; run += 1) {
    const { onDiskMs, goneMs } = await endAgent(join(folder, `spool-${run}`));
    onDisk?.push(onDiskMs);
    gone?.push(goneMs);
    bare?.push(await endBareNode());
  }
  await simulator.stop();
  const worst = (times: readonly number[] | undefined) => Math.max(...(times ?? []));
  print(`told to end with ${READINGS} readings that nobody takes, worst of ${RUNS}:`);
  print(`on disk after ${worst(onDisk).toFixed(0)} ms, at most ${ON_DISK_WITHIN_MS} ms are promised`);
  const ratio = worst(gone) / worst(bare);
  print(
    `gone after ${worst(gone).toFixed(0)} ms, at most ${GONE_WITHIN_MS} ms are promised; a bare Node: ${worst(bare).toFixed(0)} ms, 1/${ratio.toFixed(0)}`,
  );
  if (worst(onDisk) > ON_DISK_WITHIN_MS || worst(gone) > GONE_WITHIN_MS) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function endAgent(spool: string): Promise<{ onDiskMs: number; goneMs: number }> {
  const words = ["-b", DEVICE, "-m", "bench", "-i", "0.05", "--radio", "simulated", "--log-level", "debug"];
  const endpoint = `ipc://${join(folder, "nobody.sock")}`;
  let answers = 0;
  const agent = await new Promise<Program>((resolve) => {
    const started = startProgram("bms-agent", [...words, "--endpoint", endpoint, "--spool", spool], {
      env: { BMS_SIMULATOR: simulatorSocket },
      onLog(line) {
        if (/connected to|answer after/.test(line)) answers += 1;
        if (answers >= READINGS) resolve(started);
      },
    });
  });
  const toldAt = Date.now();
  const goneMs = await end(agent);
  const written = readdirSync(spool).map((name) => statSync(join(spool, name)).mtimeMs);
  return { onDiskMs: Math.max(...written) - toldAt, goneMs };
}

async function endBareNode(): Promise<number> {
  const waits = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1e6); console.error('waits')";
  const node = startProcess(process.execPath, ["--eval", waits]);
  await node.logged(/waits/);
  return end(node);
}

/** How long that takes, ms. */
async function end(program: Program): Promise<number> {
  const toldAt = performance.now();
  await program.stop("SIGTERM");
  return performance.now() - toldAt;
}
