import { between, seededRandom } from "../../../../simulator/random.ts";
import { CHANGES, type LinkFault } from "./link-faults.ts";

/** Faults that happen at about the same time. */
export interface Incident {
  readonly kills: readonly Kill[];
  readonly link?: LinkFault;
  /** True if the next incident waits until all meters have new rows. */
  readonly waitsForRecovery: boolean;
}

/** A program is killed, and is started again a while later. */
export interface Kill {
  readonly component: string;
  /** Time after the start of the incident, ms. */
  readonly afterMs: number;
  readonly forMs: number;
}

/** Share of the incidents in which the link fails as well, and that of these in which it is cut. */
const LINK_SHARE = 0.5;
const CUT_SHARE = 0.6;
const HURRIED_SHARE = 0.4;
const LONGEST_MS = 3_000;
const LONGEST_CUT_MS = 15_000;

/** Random incidents, the same for the same seed. */
export function planIncidents(seed: string, components: readonly string[], count: number): Incident[] {
  const random = seededRandom("hosts", seed);
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const kills = () =>
    components
      .map((component) => ({ component, order: random() }))
      .sort((a, b) => a.order - b.order)
      .slice(0, 1 + Math.floor(between(random, 0, 3)))
      .map(({ component }) => ({
        component,
        afterMs: between(random, 0, LONGEST_MS),
        forMs: between(random, 0, LONGEST_MS),
      }));
  const link = (): LinkFault =>
    random() < CUT_SHARE
      ? { kind: "cut", forMs: between(random, 1_000, LONGEST_CUT_MS) }
      : { kind: pick(CHANGES), forMs: 0 };
  return Array.from({ length: count }, () => ({
    kills: kills(),
    ...(random() < LINK_SHARE && { link: link() }),
    waitsForRecovery: random() >= HURRIED_SHARE,
  }));
}
