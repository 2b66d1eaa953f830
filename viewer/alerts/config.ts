import { parse, TomlError } from "smol-toml";
import { FULL_NAME_RULE, isFullName } from "../../common/model/site.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { DURATION_RULE, parseDuration } from "./duration.ts";
import {
  asTable,
  bool,
  numberWithin,
  oneOf,
  type Place,
  readTable,
  readValue,
  type Table,
  within,
  wrong,
} from "./fields.ts";
import { CHEMISTRIES, type Chemistry, type Limits, type Rule, type RuleSettings } from "./rule.ts";
import { RULES } from "./rules/rules.ts";
import type { Target } from "./target.ts";
import { type ReadSecret, readTargets } from "./targets-config.ts";

/** The rules' settings and the targets. */
export interface AlertConfig {
  readonly targets: readonly Target[];
  /** Meters with settings of their own. */
  readonly meters: readonly string[];
  settings(rule: Rule, meter: string | undefined): RuleSettings;
}

/** Settings as they stand in the file, for one rule. */
interface Overrides {
  readonly enabled?: boolean | undefined;
  readonly severity?: RuleSettings["severity"] | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly endDelayMs?: number | undefined;
  readonly reminderMs?: number | undefined;
}

interface Section {
  readonly chemistry?: Chemistry | undefined;
  readonly rules: ReadonlyMap<string, Overrides>;
}

const NOTHING: Section = { rules: new Map() };

/** The rules with their defaults, and no targets. */
export const DEFAULT_CONFIG: AlertConfig = configOf(NOTHING, new Map(), []);

/** Reads the content of the configuration file. @throws {UsageError} one line: where, and what is expected there */
export function parseConfig(file: string, text: string, readSecret: ReadSecret): AlertConfig {
  const place: Place = { file, text, keys: [] };
  const table = readTable(parseToml(file, text), place, ["chemistry", "rules", "meters", "targets"]);
  const house = readSection(table, place);
  const tables = table.meters === undefined ? {} : asTable(table.meters, within(place, "meters"));
  const meters = Object.entries(tables).map(([meter, value]) => {
    const at = within(within(place, "meters"), meter);
    if (!isFullName(meter)) throw wrong(at, `expected the name of a meter: ${FULL_NAME_RULE}`);
    return [meter, readSection(readTable(value, at, ["chemistry", "rules"]), at)] as const;
  });
  const config = configOf(house, new Map(meters), readTargets(table.targets, within(place, "targets"), readSecret));
  for (const meter of [undefined, ...meters.map(([name]) => name)]) checkLimits(config, meter, place);
  return config;
}

function parseToml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    throw new UsageError(`${file}, line ${error.line}: not valid TOML: ${reason}`, { cause: error });
  }
}

function readSection(table: Table, place: Place): Section {
  const chemistry = readValue(table, "chemistry", place, oneOf(CHEMISTRIES));
  const at = within(place, "rules");
  const rules =
    table.rules === undefined
      ? {}
      : readTable(
          table.rules,
          at,
          RULES.map(({ name }) => name),
        );
  const overrides = RULES.flatMap((rule) => {
    const value = rules[rule.name];
    return value === undefined ? [] : [[rule.name, readOverrides(rule, value, within(at, rule.name))] as const];
  });
  return { ...(chemistry && { chemistry }), rules: new Map(overrides) };
}

const DURATION = {
  rule: DURATION_RULE,
  parse: (value: unknown) => (typeof value === "string" ? parseDuration(value) : undefined),
};

function readOverrides({ limits }: Rule, value: unknown, place: Place): Overrides {
  const keys = ["enabled", "severity", ...(limits ? ["start", "end"] : []), "delay", "end_delay", "reminder"];
  const table = readTable(value, place, keys);
  const limit = limits && numberWithin(limits.least, limits.most, limits.unit);
  return {
    enabled: readValue(table, "enabled", place, bool),
    severity: readValue(table, "severity", place, oneOf(["alarm", "warning"])),
    start: limit && readValue(table, "start", place, limit),
    end: limit && readValue(table, "end", place, limit),
    delayMs: readValue(table, "delay", place, DURATION),
    endDelayMs: readValue(table, "end_delay", place, DURATION),
    reminderMs: readValue(table, "reminder", place, DURATION),
  };
}

function configOf(house: Section, meters: ReadonlyMap<string, Section>, targets: readonly Target[]): AlertConfig {
  const cache = new Map<string, RuleSettings>();
  const find = (rule: Rule, meter: string | undefined) => {
    const own = (meter === undefined ? undefined : meters.get(meter)) ?? NOTHING;
    const ofHouse = house.rules.get(rule.name) ?? {};
    const ofMeter = own.rules.get(rule.name) ?? {};
    return settingsOf(rule, own.chemistry ?? house.chemistry ?? "unknown", [ofHouse, ofMeter]);
  };
  return {
    targets,
    meters: [...meters.keys()],
    settings(rule, meter) {
      // Meters without a section share one entry, so that the cache is bounded by the file.
      const key = JSON.stringify([rule.name, meter !== undefined && meters.has(meter) ? meter : null]);
      const settings = cache.get(key) ?? find(rule, meter);
      cache.set(key, settings);
      return settings;
    },
  };
}

/** `overrides`: the later wins. */
function settingsOf({ preset, limits }: Rule, chemistry: Chemistry, overrides: readonly Overrides[]): RuleSettings {
  const last = <K extends keyof Overrides>(key: K): Overrides[K] =>
    overrides.findLast((each) => each[key] !== undefined)?.[key];
  return {
    enabled: last("enabled") ?? true,
    severity: last("severity") ?? preset.severity,
    ...(limits && { limits: overrides.reduce(limitsOf, limits.preset(chemistry)) }),
    delayMs: last("delayMs") ?? preset.delayMs,
    endDelayMs: last("endDelayMs") ?? preset.endDelayMs,
    reminderMs: last("reminderMs") ?? preset.reminderMs,
  };
}

/** A new start without an end keeps the distance between the two. */
function limitsOf(before: Limits, { start = before.start, end }: Overrides): Limits {
  return { start, end: end ?? Number((start + before.end - before.start).toFixed(6)) };
}

function checkLimits(config: AlertConfig, meter: string | undefined, place: Place): void {
  for (const rule of RULES) {
    const { limits } = config.settings(rule, meter);
    if (!limits || !rule.limits) continue;
    const { start, end } = limits;
    const isBelow = rule.limits.wrong === "below";
    if (isBelow ? start < end : start > end) continue;
    const keys = [...(meter === undefined ? [] : ["meters", meter]), "rules", rule.name, "end"];
    throw wrong({ ...place, keys }, `expected a limit ${isBelow ? "above" : "below"} the start, ${start}, not ${end}`);
  }
}
