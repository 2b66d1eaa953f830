import { orAborted } from "../../../common/runtime/abort.ts";
import { isLocked } from "../../../common/runtime/process-lock.ts";
import { RadioError } from "../radio.ts";
import { type Turn, type Turns, turnsAt } from "./lease.ts";
import { adapterTurn, adapterUsers, rawAdapter } from "./names.ts";
import { joinPresence } from "./presence.ts";

/**
 * An adapter that processes use in turns. Uses within this process share one turn, which is kept for a while after the
 * last of them, so that the connection follows the scan that found its device before anybody else comes.
 */
export interface AdapterUse {
  /**
   * Waits for the turn. Rejects with the signal's reason; the waiting then goes on for `keepMs`, so that a use that
   * follows does not lose its place.
   */
  begin(signal: AbortSignal, keepMs: number): Promise<Use>;
  /** Where the turn is being kept: for `ms` more, whatever was said before. */
  keep(ms: number): void;
  /** Where the turn is being kept: for `ms` more at most. */
  keepAtMost(ms: number): void;
  close(): Promise<void>;
}

export interface Use {
  /** Aborts when the turn is over, though the use may go on: nothing that others could disturb may be begun then. */
  readonly over: AbortSignal;
  /** Aborts when another process begins to wait for the turn. */
  readonly wanted: AbortSignal;
  /** Ends this use; the turn is kept for `keepMs` after the last one. */
  end(keepMs: number): void;
}

/** For how long the turn is kept, each in ms. */
export interface KeepTimes {
  /** By a scan that hears nothing, once others wait: a device that is absent must not cost them more. */
  readonly scanMs: number;
  /** After a scan, for the connection that may follow, and after a connection to what is forgotten, for a scan. */
  readonly afterScanMs: number;
  /** After a connection, for the first step on it. */
  readonly afterConnectMs: number;
  /**
   * After that step: most packs ask for other connection parameters some 0.2 s after a subscription, and another
   * connection under way at that moment stalls Linux 6.1 for 4 s and leaves a link that cannot be ended.
   */
  readonly settleMs: number;
}

export const KEEP_TIMES: KeepTimes = { scanMs: 1_000, afterScanMs: 200, afterConnectMs: 2_000, settleMs: 600 };

/** The use of the adapter with that name of the kernel's. Rejects beginnings with RadioError busy beside raw HCI. */
export function adapterUseOf(adapter: string): AdapterUse {
  const shared = shareAdapter(turnsAt(adapterTurn(adapter)));
  const place = joinPresence(adapterUsers(adapter));
  place.catch(() => {});
  return {
    ...shared,
    async begin(signal, keepMs) {
      await place.catch((error: Error) => {
        throw new RadioError("busy", `${error.message}: end some of them`, { cause: error });
      });
      // Who wants it raw looks at the roll after claiming it, we at the claim after joining the roll: one sees the other.
      if (await isLocked(rawAdapter(adapter))) {
        const remedy = "end that one, or give it --radio bluez too";
        throw new RadioError("busy", `another bms-agent has ${adapter} to itself for raw HCI: ${remedy}`);
      }
      return shared.begin(signal, keepMs);
    },
    async close() {
      await shared.close();
      await place.then(({ leave }) => leave()).catch(() => {});
    },
  };
}

export function shareAdapter(turns: Turns): AdapterUse {
  let uses = 0;
  let turn: Turn | undefined;
  let taking: Promise<Turn> | undefined;
  let giveUp = new AbortController();
  let kept: { readonly timer: NodeJS.Timeout; readonly untilMs: number } | undefined;

  /** Shared by all who wait at the same time. */
  function take(): Promise<Turn> {
    taking ??= takeAnew().finally(() => {
      taking = undefined;
    });
    return taking;
  }
  async function takeAnew(): Promise<Turn> {
    giveUp = new AbortController();
    const taken = await turns.take(giveUp.signal);
    turn = taken;
    if (uses === 0 && !kept) await release();
    return taken;
  }
  async function release(): Promise<void> {
    clearTimeout(kept?.timer);
    kept = undefined;
    giveUp.abort();
    const held = turn;
    turn = undefined;
    await held?.release();
  }
  function keep(ms: number) {
    clearTimeout(kept?.timer);
    kept = { timer: setTimeout(() => void release(), ms), untilMs: performance.now() + ms };
  }
  function end(keepMs: number) {
    uses -= 1;
    if (uses === 0) keep(keepMs);
  }

  return {
    async begin(signal, keepMs) {
      clearTimeout(kept?.timer);
      kept = undefined;
      uses += 1;
      try {
        const { over, wanted } = turn?.isMine() ? turn : await orAborted(signal, take());
        let hasEnded = false;
        return {
          over,
          wanted,
          end(keepMs) {
            if (!hasEnded) end(keepMs);
            hasEnded = true;
          },
        };
      } catch (error) {
        end(keepMs);
        throw error;
      }
    },
    keep(ms) {
      if (kept) keep(ms);
    },
    keepAtMost(ms) {
      if (kept && performance.now() + ms < kept.untilMs) keep(ms);
    },
    async close() {
      await release();
      turns.close();
    },
  };
}
