/** A change of state of a component of the system. Agents are named by their meters. */
export interface TimelineEvent {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly component: string;
  readonly what: "starts" | "works" | "killed" | "stopped" | "frozen";
}

/** A period in which a component did not work, and its cause. */
export interface Outage {
  readonly component: string;
  readonly how: "killed" | "stopped" | "frozen";
  /** Milliseconds since the Unix epoch. */
  readonly from: number;
  /** Infinity where the component never worked again. */
  readonly to: number;
}

/** Outages in which a process of a component ended, in order. */
export function endsOf(timeline: readonly TimelineEvent[], component: string): Outage[] {
  return outagesOf(timeline, component).filter(({ how }) => how !== "frozen");
}

/** All outages of a component. One that is killed while frozen has two. */
export function outagesOf(timeline: readonly TimelineEvent[], component: string): Outage[] {
  const own = timeline.filter((event) => event.component === component);
  return own.flatMap(({ at, what }, i) => {
    if (what === "starts" || what === "works") return [];
    const to = own.slice(i + 1).find((later) => later.what === "works")?.at ?? Number.POSITIVE_INFINITY;
    return [{ component, how: what, from: at, to }];
  });
}
