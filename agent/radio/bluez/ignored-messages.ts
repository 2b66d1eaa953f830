import type { Log } from "../../../common/runtime/log.ts";
import type { BusDeps } from "../dbus/bus.ts";

/** From this count on a line is logged whenever the count has grown tenfold. */
const NEXT_LINE_AT = 1_000;
const NAMES = { signal: "a signal", call: "a call", reply: "a reply" } as const;

/** Counts the messages of other programs than bluetoothd; logs the first of a kind and, of a flood, its size. */
export function reportIgnored(log: Log): BusDeps["ignored"] {
  const counts = new Map<string, number>();
  const lineAt = new Map<string, number>();
  return ({ kind, sender = "unknown", member = "" }, userOf) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const due = lineAt.get(kind) ?? 1;
    if (count < due) return;
    lineAt.set(kind, due === 1 ? NEXT_LINE_AT : due * 10);
    const what = count === 1 ? NAMES[kind] : `${count} messages, the last ${NAMES[kind]}`;
    void userOf().then((uid) => {
      const from = `${sender}, ${uid === undefined ? "user unknown" : `uid ${uid}`}`;
      log.warn(`ignored ${what} (${member}) of another program on the message bus (${from}): only bluetoothd counts`);
    });
  };
}
