import type { Question } from "../question.ts";
import { added } from "./added.ts";
import { backlog } from "./backlog.ts";
import { board } from "./board.ts";
import { cpu } from "./cpu.ts";
import { disturbed } from "./disturbed.ts";
import { growth } from "./growth.ts";
import { house } from "./house.ts";
import { jit } from "./jit.ts";
import { latency } from "./latency.ts";
import { limits } from "./limits.ts";
import { memory } from "./memory.ts";
import { start } from "./start.ts";
import { telegraf } from "./telegraf.ts";
import { throughput } from "./throughput.ts";
import { wakeups } from "./wakeups.ts";

/** In the order of the report. */
export const QUESTIONS: readonly Question[] = [
  cpu,
  wakeups,
  memory,
  house,
  start,
  added,
  disturbed,
  throughput,
  jit,
  telegraf,
  latency,
  growth,
  backlog,
  board,
  limits,
];
