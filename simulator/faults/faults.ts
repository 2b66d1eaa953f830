import type { SimulatedFamily } from "../family.ts";
import type { FaultLayer } from "../fault-layer.ts";
import { createTrigger, type FaultKind, type Settings, TRIGGER_SETTINGS } from "./fault.ts";
import { LINKS } from "./links.ts";
import { LOSSES } from "./losses.ts";
import { PIECES } from "./pieces.ts";
import { REPLIES } from "./replies.ts";

/** Kinds of faults by name. */
export type FaultKinds = Readonly<Record<string, FaultKind>>;

/** Those that every device can have. */
const GENERAL: FaultKinds = { ...LOSSES, ...PIECES, ...REPLIES, ...LINKS };

/** The faults that devices of a family can have. */
export function faultsOf({ faults }: SimulatedFamily): FaultKinds {
  return { ...GENERAL, ...faults };
}

/** Settings that every fault takes besides its own. */
const COMMON = { ...TRIGGER_SETTINGS, for: 0 } as const;

export interface Fault {
  readonly layer: FaultLayer;
  /** Removed after this time, ms; 0 is never. */
  readonly forMs: number;
}

/** Parses a fault like `delay:ms=500,register=04,times=2`. @throws {RangeError} with a message for people */
export function parseFault(spec: string, kinds: FaultKinds, random: () => number): Fault {
  const { name, list } = partsOf(spec);
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) throw new RangeError(`no fault "${name}": choose one of ${Object.keys(kinds).join(", ")}`);
  const values = settingsFrom(list, { ...COMMON, ...kind.settings }, name);
  const settings: Settings = { number: (name) => Number(values[name]), text: (name) => String(values[name]) };
  const trigger = createTrigger(settings, random);
  return { layer: { spec, ...kind.make(settings, trigger) }, forMs: settings.number("for") };
}

/** True where one of the kinds has the name of this fault. */
export function hasFault(spec: string, kinds: FaultKinds): boolean {
  return Object.hasOwn(kinds, partsOf(spec).name);
}

function partsOf(spec: string): { readonly name: string; readonly list: string } {
  const [, name = "", list = ""] = /^([^:]*)(?::(.*))?$/.exec(spec) ?? [];
  return { name, list };
}

type Values = Readonly<Record<string, number | string>>;

function settingsFrom(list: string, defaults: Values, fault: string): Values {
  const values: Record<string, number | string> = { ...defaults };
  for (const setting of list.split(",").filter((part) => part !== "")) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/.exec(setting) ?? [];
    if (!Object.hasOwn(defaults, name)) {
      throw new RangeError(
        `${fault}: no setting "${setting}": write NAME=VALUE with one of ${Object.keys(defaults).join(", ")}`,
      );
    }
    const isNumber = typeof defaults[name] === "number";
    if (isNumber && !/^-?\d+(\.\d+)?$/.test(value))
      throw new RangeError(`${fault}: ${name} must be a number, not "${value}"`);
    if (name === "every" && Number(value) < 1) throw new RangeError(`${fault}: every must be at least 1`);
    values[name] = isNumber ? Number(value) : value;
  }
  return values;
}

/** The general faults and those of each family, with their settings and defaults, for `--help`. */
export function describeFaults(families: readonly SimulatedFamily[]): string {
  const own = families.flatMap(({ devices, faults }) => (faults ? [`Of ${devices}:\n${describe(faults)}`] : []));
  return [describe(GENERAL), ...own].join("\n");
}

function describe(kinds: FaultKinds): string {
  return Object.entries(kinds)
    .map(([name, { about, settings }]) => {
      const own = Object.entries(settings).map(([setting, value]) => `${setting}=${value}`);
      return `  ${(own.length > 0 ? `${name}:${own.join(",")}` : name).padEnd(36)}${about}`;
    })
    .join("\n");
}
