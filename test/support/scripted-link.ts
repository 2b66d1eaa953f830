import { createNotificationQueue, type NotificationQueue } from "../../agent/radio/notification-queue.ts";
import { type Link, RadioError } from "../../agent/radio/radio.ts";
import { orAborted } from "../../common/runtime/abort.ts";
import { type Clock, virtualClock } from "../../common/runtime/clock.ts";
import type { Exchange, Fixture } from "./fixture.ts";

/** Of a scripted device, `afterMs` after a request (77 by default, as packs do). */
export interface Answer {
  readonly afterMs?: number | "never";
  readonly bytes: Uint8Array;
}

/** The answers to the n-th request of these bytes (from 0); an empty list is silence. */
export type Script = (request: Pick<Exchange, "op" | "characteristic" | "bytes">, nth: number) => readonly Answer[];

export interface ScriptedLink extends Link {
  readonly clock: Clock;
  /** Every request, in order. */
  readonly requests: readonly Request[];
  /** The device goes out of range. */
  cut(): void;
}

interface Request {
  readonly op: Exchange["op"];
  readonly hex: string;
  readonly atMs: number;
}

const LATENCY_MS = 77;
const READ_DEADLINE_MS = 5_000;
const PUSH_MS = 1_000;
/** Of a device that pushes: no test waits longer. */
const PUSHES = 20;

/** A link whose device follows a script. All notifications go to the one subscriber. */
export function scriptedLink(
  device: Pick<Fixture, "services" | "address" | "link">,
  script: Script,
  clock: Clock = virtualClock(),
): ScriptedLink {
  const lost = new AbortController();
  const requests: Request[] = [];
  const asked = new Map<string, number>();
  const queue: NotificationQueue = createNotificationQueue(clock);

  function answersTo(op: Exchange["op"], characteristic: string, bytes: Uint8Array): readonly Answer[] {
    const hex = Buffer.from(bytes).toString("hex");
    const key = `${op} ${characteristic} ${hex}`;
    const nth = asked.get(key) ?? 0;
    asked.set(key, nth + 1);
    requests.push({ op, hex, atMs: clock.monotonic() });
    return script({ op, characteristic, bytes }, nth);
  }
  async function notify(answers: readonly Answer[]): Promise<void> {
    for (const { afterMs = LATENCY_MS, bytes } of answers) {
      if (afterMs === "never") continue;
      void clock.sleep(afterMs).then(() => queue.push(bytes));
    }
  }
  async function pushRecords(characteristic: string): Promise<void> {
    for (let nth = 0; nth < PUSHES && !lost.signal.aborted; nth++) {
      await clock.sleep(PUSH_MS);
      await notify(
        script({ op: "push", characteristic, bytes: new Uint8Array() }, nth).map((a) => ({ ...a, afterMs: 0 })),
      );
    }
  }
  return {
    clock,
    requests,
    address: device.address ?? "A4:C1:37:00:00:01",
    addressType: "public",
    services: device.services,
    advertisement: undefined,
    rssi: undefined,
    lost: lost.signal,
    async read({ characteristic }) {
      const [answer] = answersTo("read", characteristic, new Uint8Array());
      const { afterMs = LATENCY_MS, bytes } = answer ?? { afterMs: READ_DEADLINE_MS };
      if (afterMs === "never") return orAborted(lost.signal, new Promise(() => {}));
      await clock.sleep(afterMs, lost.signal);
      if (!bytes) throw new RadioError("timeout", "the read was not answered");
      return bytes;
    },
    async write({ characteristic }, bytes) {
      if (lost.signal.aborted) throw lost.signal.reason;
      await notify(answersTo("write", characteristic, bytes));
    },
    async subscribe({ characteristic }) {
      await notify(
        answersTo("subscribe", characteristic, new Uint8Array()).map((answer) => ({ ...answer, afterMs: 0 })),
      );
      if (device.link?.some((line) => line.startsWith("push "))) void pushRecords(characteristic);
      return queue;
    },
    cut() {
      const why = new RadioError("disconnected", "the device went out of range");
      lost.abort(why);
      queue.end(why);
    },
    close: async () => {},
  };
}

/** Recorded answers: the n-th equal request gets those of the n-th recorded one, later requests none; pushes repeat. */
export function scriptOf(exchanges: readonly Exchange[]): Script {
  return (request, nth) => {
    const equal = exchanges.filter(
      ({ op, characteristic, bytes }) =>
        op === request.op && characteristic === request.characteristic && Buffer.from(bytes).equals(request.bytes),
    );
    return (equal[request.op === "push" ? 0 : nth]?.answers ?? []).map((bytes) => ({ bytes }));
  };
}
