import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { silentLog } from "../../../common/runtime/log.ts";
import type { StoredHistory } from "../../../viewer/history/history.ts";
import { openHistory } from "../../../viewer/history/open-history.ts";
import { describeWeek } from "../../support/week/describe-week.ts";

// In a file that each stop of the viewer closes, and each start opens; in memory where Node has no SQLite.
const directory = mkdtempSync(join(tmpdir(), "bms-"));
let kept: StoredHistory | undefined;
describeWeek({
  periodsMs: { house: 10_000, van: 60_000, solar: 10_000, shunt: 10_000 },
  async open(clock) {
    kept ??= await openHistory({ directory, megabytes: 1_000 }, { clock, log: silentLog });
    return kept;
  },
  close(history) {
    if (history.view().kind === "memory") return;
    history.close();
    kept = undefined;
  },
});
after(() => rmSync(directory, { recursive: true, force: true }));
