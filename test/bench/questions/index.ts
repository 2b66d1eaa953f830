import type { Question } from "../question.ts";
import { added } from "./added.ts";
import { cpu } from "./cpu.ts";
import { disturbed } from "./disturbed.ts";
import { latency } from "./latency.ts";
import { memory } from "./memory.ts";
import { start } from "./start.ts";
import { throughput } from "./throughput.ts";
import { wakeups } from "./wakeups.ts";

/** In the order of the report. */
export const QUESTIONS: readonly Question[] = [cpu, wakeups, memory, start, added, disturbed, throughput, latency];
