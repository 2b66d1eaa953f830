import { decodeFeedPayload } from "../../../../common/wire/feed.ts";
import { loadZeromq, receiveAll } from "../../../../common/wire/zeromq.ts";

/** Ages of the newest reading of each meter that the house shows, from its live feed. */
export interface Shown {
  /** The greatest age since a time until now, ms, by meter: just before each newer reading came, and now. */
  oldest(meters: readonly string[], since: number): number;
  /** Ages at which newer readings of the meters came, ms, in rising order. */
  arrivals(meters: readonly string[], since: number): readonly number[];
  close(): void;
}

interface Arrival {
  readonly takenAt: number;
  readonly at: number;
}

/** Subscribes to the live feed. ZeroMQ connects again when the aggregator was killed. */
export function watchShown(endpoint: string): Shown {
  const { Subscriber } = loadZeromq();
  const socket = new Subscriber({ linger: 0, reconnectInterval: 50, reconnectMaxInterval: 50 });
  const arrivals = new Map<string, Arrival[]>();
  socket.subscribe();
  socket.connect(endpoint);
  void receiveAll(socket, (_, payload) => {
    if (!payload) return;
    const { meter, takenAt } = decodeFeedPayload(payload);
    const own = arrivals.get(meter) ?? [];
    arrivals.set(meter, own);
    // Readings of a backlog are older than the one that is shown.
    if (takenAt > (own.at(-1)?.takenAt ?? 0)) own.push({ takenAt, at: Date.now() });
  });
  const of = (meter: string, since: number) => (arrivals.get(meter) ?? []).filter(({ at }) => at >= since);

  return {
    oldest(meters, since) {
      const ages = meters.flatMap((meter) => {
        const own = of(meter, since);
        const next = [...own.slice(1).map(({ at }) => at), Date.now()];
        return own.map(({ takenAt }, i) => (next[i] ?? 0) - takenAt);
      });
      return Math.max(0, ...ages);
    },
    arrivals: (meters, since) =>
      meters.flatMap((meter) => of(meter, since).map(({ at, takenAt }) => at - takenAt)).sort((a, b) => a - b),
    close: () => socket.close(),
  };
}
