import { between, seededRandom } from "../../../simulator/random.ts";

/** A fault injected into one component. A killed or stopped component is started again afterwards. */
export interface Fault {
  readonly component: string;
  readonly kind: "kill" | "stop" | "freeze" | "freeze and kill" | "fill";
  /** Time after the start of the step, ms. */
  readonly afterMs: number;
  /** Duration, ms. */
  readonly forMs: number;
}

/** Faults that are injected together. */
export interface Step {
  readonly faults: readonly Fault[];
  /** True if the next step waits until the system has recovered. */
  readonly waitsForRecovery: boolean;
}

export interface Components {
  readonly agents: readonly string[];
  /** True if agents are frozen as well, which delays the times of their readings. */
  readonly agentsFreeze: boolean;
  /** A disk that one agent spools to and that can be filled. */
  readonly disk: string | undefined;
}

/** Share of a run that each of the three long outages takes: one minute of five. */
const LONG_SHARE = 0.2;
/** Share of the random steps that do not wait for recovery. */
const HURRIED_SHARE = 0.3;

/** An endless schedule, the same for the same seed: first three long outages, then short faults in random combinations. */
export function* schedule(seed: string, components: Components, runMs: number): Generator<Step> {
  const random = seededRandom("schedule", seed);
  const longMs = Math.min(60_000, LONG_SHARE * runMs);
  yield longOutage([
    { component: "telegraf", kind: "kill", afterMs: 0, forMs: longMs },
    ...someAgents(random, components, longMs, 2),
  ]);
  yield longOutage([
    { component: "database", kind: "stop", afterMs: 0, forMs: longMs },
    ...someAgents(random, components, longMs, 1),
  ]);
  yield longOutage([{ component: "telegraf", kind: "freeze and kill", afterMs: 0, forMs: longMs }]);
  if (components.disk) {
    const forMs = Math.max(12_000, longMs / 2);
    yield longOutage([
      { component: components.disk, kind: "fill", afterMs: 0, forMs },
      { component: "aggregator", kind: "kill", afterMs: 100, forMs },
    ]);
  }
  for (;;) yield { faults: randomFaults(random, components), waitsForRecovery: random() >= HURRIED_SHARE };
}

const longOutage = (faults: readonly Fault[]): Step => ({ faults, waitsForRecovery: true });

function randomFaults(random: () => number, components: Components): readonly Fault[] {
  const atOnce = random() < 0.5;
  const when = () => (atOnce ? 0 : between(random, 0, 1_500));
  const downstream = pick(random, [["aggregator"], ["telegraf"], ["aggregator", "telegraf"], []]);
  const agents = shuffled(random, components.agents).slice(
    0,
    Math.floor(between(random, downstream.length > 0 ? 0 : 1, 4)),
  );
  return [...downstream, ...agents].map((component) => ({
    component,
    kind: thawed(pick(random, KINDS), !components.agentsFreeze && components.agents.includes(component)),
    afterMs: when(),
    forMs: random() < 0.1 ? between(random, 10_000, 14_000) : between(random, 0, 3_000),
  }));
}

/** The kind of a fault for a component that must not be frozen. */
function thawed(kind: Fault["kind"], mustNotFreeze: boolean): Fault["kind"] {
  if (!mustNotFreeze) return kind;
  return kind === "freeze" ? "stop" : kind === "freeze and kill" ? "kill" : kind;
}

const KINDS = ["kill", "kill", "stop", "freeze", "freeze and kill"] as const;

/** Agents that are killed or stopped while another component is away. */
function someAgents(random: () => number, { agents }: Components, withinMs: number, count: number): Fault[] {
  return shuffled(random, agents)
    .slice(0, count)
    .map((component) => ({
      component,
      kind: pick(random, ["kill", "stop"] as const),
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
