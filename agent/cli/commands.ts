import { add } from "../../control/commands/add.ts";
import { doctor } from "../../control/commands/doctor.ts";
import { list } from "../../control/commands/list.ts";
import { release } from "../../control/commands/release.ts";
import { remove } from "../../control/commands/remove.ts";
import type { AgentCommand } from "./command.ts";
import { info } from "./commands/info.ts";
import { replay } from "./commands/replay.ts";
import { run } from "./commands/run.ts";
import { scan } from "./commands/scan.ts";

/** Every command, in the order of the help text. */
export const COMMANDS: readonly AgentCommand[] = [run, scan, add, list, release, remove, doctor, info, replay];
