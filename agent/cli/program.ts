import type { Program } from "../../common/cli/command-line.ts";
import { info } from "./commands/info.ts";
import { replay } from "./commands/replay.ts";
import { run } from "./commands/run.ts";
import { scan } from "./commands/scan.ts";

export const AGENT: Program = {
  name: "bms-agent",
  commands: [run, scan, info, replay],
  moved: { add: "bmsctl", list: "bmsctl", release: "bmsctl", remove: "bmsctl", doctor: "bmsctl" },
};
