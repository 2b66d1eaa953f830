// Limits of a small board, by control groups of version 1 or 2. Only root can set them.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "../question.ts";

export interface Limits {
  readonly memoryBytes: number;
  /** Share of one processor. */
  readonly cpu: number;
}

export interface Cgroup {
  /** A shell command that puts the shell into the group. */
  readonly join: string;
  /** Processes that the kernel has killed for want of memory. */
  killed(): number;
  /** Highest use of memory, bytes; page cache included. */
  peakBytes(): number;
}

const ROOT = "/sys/fs/cgroup";
const PERIOD_US = 100_000;

/** A group with these limits, or the reason why there is none. */
export function createCgroup(bench: Pick<Bench, "after">, { memoryBytes, cpu }: Limits): Cgroup | { missing: string } {
  const name = `bms-bench-${process.pid}`;
  const isOld = existsSync(join(ROOT, "memory/memory.limit_in_bytes"));
  const [cpuFolder, memoryFolder] = isOld
    ? [join(ROOT, "cpu", name), join(ROOT, "memory", name)]
    : [join(ROOT, name), join(ROOT, name)];
  const quota = cpu * PERIOD_US;
  try {
    for (const folder of new Set([cpuFolder, memoryFolder])) {
      mkdirSync(folder);
      bench.after(() => rmdirSync(folder));
    }
    if (isOld) {
      writeFileSync(join(cpuFolder, "cpu.cfs_period_us"), String(PERIOD_US));
      writeFileSync(join(cpuFolder, "cpu.cfs_quota_us"), String(quota));
      writeFileSync(join(memoryFolder, "memory.limit_in_bytes"), String(memoryBytes));
    } else {
      writeFileSync(join(cpuFolder, "cpu.max"), `${quota} ${PERIOD_US}`);
      writeFileSync(join(memoryFolder, "memory.max"), String(memoryBytes));
    }
  } catch (error) {
    return { missing: `control groups: ${(error as Error).message}` };
  }
  const read = (file: string) => readFileSync(join(memoryFolder, file), "utf8");
  return {
    join: [...new Set([cpuFolder, memoryFolder])].map((folder) => `echo $$ > ${folder}/cgroup.procs`).join(" && "),
    killed: () => Number(/^oom_kill (\d+)$/m.exec(read(isOld ? "memory.oom_control" : "memory.events"))?.[1] ?? 0),
    peakBytes: () => Number(read(isOld ? "memory.max_usage_in_bytes" : "memory.peak")),
  };
}
