import { add } from "./add.ts";
import type { AgentCommand } from "./command.ts";
import { doctor } from "./doctor.ts";
import { info } from "./info.ts";
import { list } from "./list.ts";
import { release } from "./release.ts";
import { remove } from "./remove.ts";
import { replay } from "./replay.ts";
import { run } from "./run.ts";
import { scan } from "./scan.ts";

/** Every command, in the order of the help text. */
export const COMMANDS: readonly AgentCommand[] = [run, scan, add, list, release, remove, doctor, info, replay];
