import { between, seededRandom } from "../../../simulator/random.ts";

/** One thing done to one part. A part that is killed or told to end is started again afterwards. */
export interface Blow {
  readonly who: string;
  readonly hit: "kill" | "end" | "freeze" | "freeze and kill" | "fill";
  /** After the beginning of the act, ms. */
  readonly afterMs: number;
  /** Until the part is brought back, ms. */
  readonly forMs: number;
}

/** Blows that belong together. What follows waits until the system has recovered, unless it is hasty. */
export interface Act {
  readonly blows: readonly Blow[];
  readonly isHasty: boolean;
}

export interface Parts {
  readonly agents: readonly string[];
  /** A disk that one agent spools to and that can be filled. */
  readonly disk: string | undefined;
}

/** How much of a run each of the three long outages takes: a minute of five. */
const LONG_PART = 0.2;
const SHARE_OF_HASTE = 0.3;

/** The same endless course for the same seed: three long outages first, then short blows in every combination. */
export function* course(seed: string, parts: Parts, runMs: number): Generator<Act> {
  const random = seededRandom("course", seed);
  const longMs = Math.min(60_000, LONG_PART * runMs);
  yield calm([{ who: "telegraf", hit: "kill", afterMs: 0, forMs: longMs }, ...someAgents(random, parts, longMs, 2)]);
  yield calm([{ who: "database", hit: "end", afterMs: 0, forMs: longMs }, ...someAgents(random, parts, longMs, 1)]);
  yield calm([{ who: "telegraf", hit: "freeze and kill", afterMs: 0, forMs: longMs }]);
  if (parts.disk) {
    const forMs = Math.max(12_000, longMs / 2);
    yield calm([
      { who: parts.disk, hit: "fill", afterMs: 0, forMs },
      { who: "aggregator", hit: "kill", afterMs: 100, forMs },
    ]);
  }
  for (;;) yield { blows: blowsOf(random, parts), isHasty: random() < SHARE_OF_HASTE };
}

const calm = (blows: readonly Blow[]): Act => ({ blows, isHasty: false });

function blowsOf(random: () => number, parts: Parts): readonly Blow[] {
  const atOnce = random() < 0.5;
  const when = () => (atOnce ? 0 : between(random, 0, 1_500));
  const downstream = pick(random, [["aggregator"], ["telegraf"], ["aggregator", "telegraf"], []]);
  const agents = shuffled(random, parts.agents).slice(0, Math.floor(between(random, downstream.length > 0 ? 0 : 1, 4)));
  return [...downstream, ...agents].map((who) => ({
    who,
    hit: pick(random, HITS),
    afterMs: when(),
    forMs: random() < 0.1 ? between(random, 10_000, 14_000) : between(random, 0, 3_000),
  }));
}

const HITS = ["kill", "kill", "end", "freeze", "freeze and kill"] as const;

/** Agents that are killed or told to end while something else is away. */
function someAgents(random: () => number, { agents }: Parts, withinMs: number, count: number): Blow[] {
  return shuffled(random, agents)
    .slice(0, count)
    .map((who) => ({
      who,
      hit: pick(random, ["kill", "end"] as const),
      afterMs: between(random, 0, 0.8 * withinMs),
      forMs: between(random, 0, 2_000),
    }));
}

function pick<T>(random: () => number, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0];
}

function shuffled<T>(random: () => number, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
