import type { Layer } from "../fault-layer.ts";
import { ACCESS } from "./access.ts";
import type { FaultKind, Settings } from "./fault.ts";
import { LINKS } from "./links.ts";
import { LOSSES } from "./losses.ts";
import { PIECES } from "./pieces.ts";
import { REPLIES } from "./replies.ts";
import { createTrigger, TRIGGER_SETTINGS } from "./trigger.ts";

/** Every fault by its word. */
export const FAULTS: Readonly<Record<string, FaultKind>> = { ...LOSSES, ...PIECES, ...REPLIES, ...LINKS, ...ACCESS };

/** What every fault may be told besides its own settings. */
const COMMON = { ...TRIGGER_SETTINGS, for: 0 } as const;

export interface Fault {
  readonly layer: Layer;
  /** Taken away after so long, in ms; 0 is never. */
  readonly forMs: number;
}

/** The fault that words like `delay:ms=500,register=04,times=2` describe. @throws {RangeError} in a sentence for people */
export function parseFault(words: string, random: () => number): Fault {
  const [, word = "", list] = /^([^:]*)(?::(.*))?$/.exec(words) ?? [];
  const kind = Object.hasOwn(FAULTS, word) ? FAULTS[word] : undefined;
  if (!kind) throw new RangeError(`no fault "${word}": there are ${Object.keys(FAULTS).join(", ")}`);
  const values = settingsFrom(list ?? "", { ...COMMON, ...kind.settings }, word);
  const settings: Settings = { number: (name) => Number(values[name]), text: (name) => String(values[name]) };
  const triggers = createTrigger(
    {
      register: settings.text("register"),
      times: settings.number("times"),
      every: settings.number("every"),
      chance: settings.number("chance"),
    },
    random,
  );
  return { layer: { words, ...kind.make(settings, triggers) }, forMs: settings.number("for") };
}

type Values = Readonly<Record<string, number | string>>;

function settingsFrom(list: string, defaults: Values, word: string): Values {
  const values: Record<string, number | string> = { ...defaults };
  for (const setting of list.split(",").filter((part) => part !== "")) {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/.exec(setting) ?? [];
    if (!Object.hasOwn(defaults, name)) {
      throw new RangeError(
        `${word}: no setting "${setting}": write NAME=VALUE with ${Object.keys(defaults).join(", ")}`,
      );
    }
    const isNumber = typeof defaults[name] === "number";
    if (isNumber && !/^-?\d+(\.\d+)?$/.test(value))
      throw new RangeError(`${word}: ${name} is a number, not "${value}"`);
    if (name === "every" && Number(value) < 1) throw new RangeError(`${word}: every is at least 1`);
    values[name] = isNumber ? Number(value) : value;
  }
  return values;
}

/** All faults with their settings, for `--help`. */
export function describeFaults(): string {
  return Object.entries(FAULTS)
    .map(([word, { about, settings }]) => {
      const own = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
      return `  ${(own.length > 0 ? `${word}:${own.join(",")}` : word).padEnd(36)}${about}`;
    })
    .join("\n");
}
