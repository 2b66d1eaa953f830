// Figures of running processes, from /proc (proc(5)).
import { readdirSync, readFileSync } from "node:fs";

/** Memory of a process, bytes. */
export interface Memory {
  /** Written by this process alone: what one more of it costs. */
  readonly privateDirty: number;
  /** Its share of everything that it maps. Summed over a set of processes, it is the cost of the set. */
  readonly proportional: number;
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
  return { privateDirty: bytes("Private_Dirty"), proportional: bytes("Pss") };
}

/** Resources that a process has used since it started. */
export interface Usage {
  /** Processor time of all threads, ms. */
  readonly cpuMs: number;
  /** Voluntary context switches of all threads: how often one of them has begun to wait. */
  readonly switches: number;
}

export function usageOf(pid: number): Usage {
  const tasks = readdirSync(`/proc/${pid}/task`).map((id) => `/proc/${pid}/task/${id}`);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    cpuMs: sum(tasks.map((task) => Number(readFileSync(`${task}/schedstat`, "utf8").split(" ")[0]))) / 1e6,
    switches: sum(
      tasks.map((task) =>
        Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`${task}/status`, "utf8"))?.[1]),
      ),
    ),
  };
}

/** Resources that a process used between two looks. */
export function used(before: Usage, after: Usage): Usage {
  return { cpuMs: after.cpuMs - before.cpuMs, switches: after.switches - before.switches };
}
