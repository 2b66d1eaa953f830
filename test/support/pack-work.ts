import { type Clock, virtualClock } from "../../common/runtime/clock.ts";
import type { ApplyDeps } from "../../control/settings/apply.ts";
import { openPackLink } from "../../control/settings/pack-link.ts";
import type { WriteRecord } from "../../control/settings/write-registers.ts";
import type { MemoryPack } from "./memory-pack.ts";

/** Dependencies of work on a pack, and what became of them. */
export interface PackWork {
  readonly deps: ApplyDeps;
  readonly stop: AbortController;
  readonly audit: readonly WriteRecord[];
  readonly log: readonly string[];
  readonly isMarked: boolean;
}

export function packWork(pack: MemoryPack, clock: Clock = virtualClock()): PackWork {
  const stop = new AbortController();
  const audit: WriteRecord[] = [];
  const log: string[] = [];
  let isMarked = false;
  const write = (line: string) => void log.push(line);
  return {
    stop,
    audit,
    log,
    get isMarked() {
      return isMarked;
    },
    deps: {
      link: openPackLink(pack.connect),
      clock,
      log: { error: write, warn: write, info: write, debug: write },
      marker: {
        set() {
          isMarked = true;
        },
        clear() {
          isMarked = false;
        },
      },
      stop: stop.signal,
      progress: () => {},
      audit: (record) => audit.push(record),
      onCommit: () => {},
    },
  };
}
