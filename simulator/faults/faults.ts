import type { FaultLayer } from "../fault-layer.ts";
import { JBD_FAULTS } from "../jbd/faults.ts";
import { MEMORY_FAULTS } from "../jbd/memory-faults.ts";
import { createTrigger, type FaultKind, type Settings, TRIGGER_SETTINGS } from "./fault.ts";
import { LINKS } from "./links.ts";
import { LOSSES } from "./losses.ts";
import { PIECES } from "./pieces.ts";
import { REPLIES } from "./replies.ts";

/** Every kind of fault by its name. */
export const FAULTS: Readonly<Record<string, FaultKind>> = {
  ...LOSSES,
  ...PIECES,
  ...REPLIES,
  ...LINKS,
  ...JBD_FAULTS,
  ...MEMORY_FAULTS,
};

/** Settings that every fault takes besides its own. */
const COMMON = { ...TRIGGER_SETTINGS, for: 0 } as const;

export interface Fault {
  readonly layer: FaultLayer;
  /** Removed after this time, ms; 0 is never. */
  readonly forMs: number;
}

/** Parses a fault like `delay:ms=500,register=04,times=2`. @throws {RangeError} with a message for people */
export function parseFault(spec: string, random: () => number): Fault {
  const [, name = "", list] = /^([^:]*)(?::(.*))?$/.exec(spec) ?? [];
  const kind = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (!kind) throw new RangeError(`no fault "${name}": choose one of ${Object.keys(FAULTS).join(", ")}`);
  const values = settingsFrom(list ?? "", { ...COMMON, ...kind.settings }, name);
  const settings: Settings = { number: (name) => Number(values[name]), text: (name) => String(values[name]) };
  const trigger = createTrigger(settings, random);
  return { layer: { spec, ...kind.make(settings, trigger) }, forMs: settings.number("for") };
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

/** All faults with their settings and defaults, for `--help`. */
export function describeFaults(): string {
  return Object.entries(FAULTS)
    .map(([name, { about, settings }]) => {
      const own = Object.entries(settings).map(([setting, value]) => `${setting}=${value}`);
      return `  ${(own.length > 0 ? `${name}:${own.join(",")}` : name).padEnd(36)}${about}`;
    })
    .join("\n");
}
