import { silentLog } from "../../../../common/runtime/log.ts";
import type { StoredHistory } from "../../../../viewer/history/history.ts";
import { openHistory } from "../../../../viewer/history/open-history.ts";
import { describeWeek } from "../../../support/week/describe-week.ts";

// In memory and with few readings. `npm run test:energy` takes all meters at 10 s, and a file.
let kept: StoredHistory | undefined;
describeWeek({
  periodsMs: { house: 120_000 },
  async open(clock) {
    kept ??= await openHistory({ megabytes: 100 }, { clock, log: silentLog });
    return kept;
  },
  close() {},
});
