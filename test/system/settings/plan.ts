import { decodeRequest } from "../../../agent/drivers/jbd/frame.ts";
import type { BoardChoice } from "../../../simulator/jbd/board-options.ts";
import { UNSAVED, type Unsaved } from "../../../simulator/jbd/eeprom.ts";
import { FAMILIES, type FamilyName } from "../../../simulator/jbd/families.ts";
import { seededRandom } from "../../../simulator/random.ts";
import type { DeviceKind } from "../../../simulator/registry.ts";

/** Parts of an application, each begun by its first request. */
export const PHASES = ["reading", "writing", "storing"] as const;
export type Phase = (typeof PHASES)[number];

/** A moment of an application: so many requests after the beginning of a phase. */
export interface Moment {
  readonly phase: Phase;
  readonly requests: number;
}

const SAVE = "2828";

/** The moment of each request, in the order in which they are sent. */
export function createPhases(onPhase: (phase: Phase) => void = () => {}): (bytes: Uint8Array) => Moment {
  let phase: Phase = "reading";
  let requests = 0;
  function enter(next: Phase): void {
    if (phase === next) return;
    phase = next;
    requests = 0;
    onPhase(next);
  }
  return (bytes) => {
    const request = decodeRequest(bytes);
    if (request?.write && request.register >= 0x10 && phase === "reading") enter("writing");
    const isSave = request?.write && request.register === 0x01 && Buffer.from(request.data).toString("hex") === SAVE;
    if (isSave) enter("storing");
    return { phase, requests: requests++ };
  };
}

/** Ways in which an application is ended from outside. `before` and `after`: the request of that moment is sent or not. */
export type Interruption =
  | { readonly kind: "killed before" | "killed after" | "stopped" | "power cut"; readonly at: Moment }
  | { readonly kind: "none" };

export interface PlannedFault {
  readonly spec: string;
  readonly from: Phase;
}

/** Everything that happens to one application; the same for the same seed and number. */
export interface Plan {
  readonly seed: string;
  readonly kind: DeviceKind;
  readonly board: BoardChoice;
  /** Six digits where the module is locked. */
  readonly pin: string | undefined;
  readonly faults: readonly PlannedFault[];
  readonly interruption: Interruption;
  /** True where the pack loses its power after the application. */
  readonly powerCutAfter: boolean;
  /** True where its settings are read before they are restored. */
  readonly isLookedAt: boolean;
}

const KINDS: readonly DeviceKind[] = ["jbd4", "jbd8", "jbd16", "jbd20", "jbd32"];
/** Families that are written to come up more often than those that are refused. */
const FAMILY_NAMES: readonly FamilyName[] = [
  ...(Object.keys(FAMILIES) as FamilyName[]),
  ...(["classic", "v11", "classic", "v11", "classic", "v11"] as const),
];
const PIN = "135790";
/** Requests in which an event may fall, by phase. */
const LENGTHS: Readonly<Record<Phase, number>> = { reading: 40, writing: 30, storing: 50 };

/** Faults and their settings; `N` is replaced by a small number. */
const FAULTS: readonly string[] = [
  "lose-request",
  "lose-answer",
  "silence",
  "flip",
  "garbage",
  "double",
  "repeat",
  "repeat:ms=300",
  "stale",
  "delay:ms=300",
  "delay:ms=700",
  "gap:ms=40",
  "cut:size=1",
  "cut",
  "lose-first",
  "lose-last",
  "cut:size=1|lose-piece",
  "wrong-register",
  "noise:kind=zero",
  "noise:kind=module,where=after",
  "noise:kind=broadcast,where=before",
  "broadcasts",
  "stray-zero",
  "refuse:status=80",
  "refuse:status=81",
  "refuse:status=82",
  "refuse:status=83",
  "disconnect:at=request",
  "disconnect:at=middle",
  "disconnect:at=after",
  "disconnect:at=request,reason=08",
  "no-effect",
  "wrong-write:by=3",
  "changing-value:by=1",
  "wrong-sum",
  "power-cut:at=request",
  "power-cut:at=answer",
  "power-cut:at=answer,saved=0",
  "power-cut:at=answer,saved=1",
  "power-cut:at=answer,saved=3",
  "short-link:ms=900",
  "out-of-range:for=20000",
  "out-of-range",
  "first-lost",
  "refuse-connect",
  "not-allowed:answer=80",
  "not-allowed:answer=silence",
];
/** Faults that stay until they are removed, or that have no times. */
const WITHOUT_TIMES = /^(broadcasts|stray-zero|short-link|out-of-range|first-lost|not-allowed|locked)/;

export function planOf(seed: string, number: number): Plan {
  const random = seededRandom(seed, "application", number);
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const moment = (): Moment => {
    const phase = oneOf(PHASES);
    return { phase, requests: Math.floor(random() * LENGTHS[phase]) };
  };
  const board: BoardChoice = {
    family: oneOf(FAMILY_NAMES),
    unsaved: oneOf(Object.keys(UNSAVED) as Unsaved[]),
    link: oneOf(["kept", "ended"]),
    load: random() < 0.95 ? "none" : "usual",
    ...(random() < 0.2 && { chip: Math.floor(random() * 7) }),
  };
  const fault = (): PlannedFault[] => {
    const { phase: from, requests } = moment();
    return oneOf(FAULTS)
      .split("|")
      .map((spec) => ({ from, spec: timed(spec, requests, random) }));
  };
  const kinds = ["none", "none", "killed before", "killed after", "stopped", "power cut"] as const;
  const kind = oneOf(kinds);
  return {
    seed: `${seed} ${number}`,
    kind: oneOf(KINDS),
    board,
    pin: random() < 0.1 ? PIN : undefined,
    faults: Array.from({ length: Math.floor(random() * 4) }, fault).flat(),
    interruption: kind === "none" ? { kind } : { kind, at: moment() },
    powerCutAfter: random() < 0.3,
    isLookedAt: random() < 0.5,
  };
}

/** The fault, at that request and at some of those that follow. */
function timed(spec: string, skip: number, random: () => number): string {
  if (WITHOUT_TIMES.test(spec)) return spec;
  const lasts = random();
  const times = lasts < 0.5 ? "times=1" : lasts < 0.75 ? "times=6" : lasts < 0.9 ? "chance=0.3" : "times=0";
  return `${spec}${spec.includes(":") ? "," : ":"}skip=${skip},${times}`;
}
