import type { Quantity } from "../../../common/model/quantities.ts";
import type { Rule } from "../../../viewer/alerts/rule.ts";
import { RULES } from "../../../viewer/alerts/rules/rules.ts";
import { CHARGING_AMPS } from "../../../viewer/alerts/rules/values.ts";
import { FLOWING_AMPS, DURATION_MS as FROZEN_MS } from "../../../viewer/house/frozen.ts";
import { ALARMS, PROTECTIONS, stateWords } from "./content/state-names.ts";
import { FAMILIES, MEASUREMENT } from "./names.ts";

/** An alert rule in PromQL, for vmalert, Prometheus and Grafana. */
export interface AlertRule {
  /** As in alerts.toml. */
  readonly name: string;
  readonly severity: Rule["preset"]["severity"];
  readonly about: string;
  readonly expr: string;
  /** Time for which the expression must hold before the alert starts, s. */
  readonly forS: number;
  /** Message: a template of Prometheus. */
  readonly text: string;
}

interface Times {
  /** Time for which a value must be wrong, s. */
  readonly delay: number;
  /** Limit at which an alert starts. */
  readonly limit: number;
}

type Build = (times: Times) => Pick<AlertRule, "expr" | "text"> & { readonly forS?: number };

/** Window in which a meter that is polled has a reading. */
const PRESENT = "5m";
/** A spool holds six days at one reading in 10 s. */
const SPOOL_READINGS = 51_840;

/** The full name, as in the viewer's alerts: with the site where there is one. */
const METER = "{{ with $labels.site }}{{ . }}/{{ end }}{{ $labels.meter }}";
const valueAs = (format: string) => `{{ printf "${format}" $value }}`;
const over = (fn: string, quantity: Quantity, window: string) =>
  `${fn}_over_time(${MEASUREMENT}_${quantity}[${window}])`;

/** One series for each state that holds, with its words as a label; of a protection also while it held within the window. */
const acted = (names: readonly Quantity[], fn: "last" | "max", window: string) =>
  names
    .map((name) => `label_replace(${over(fn, name, window)} == 1, "state", "${stateWords(name)}", "", "")`)
    .join(" or ");

/** The newest value of each numbered quantity, the number as a label. */
const numbered = (family: "cell" | "temperature", label: string) => {
  const { pattern } = FAMILIES[family];
  const selector = `{__name__=~"${MEASUREMENT}_${pattern}"}`;
  return `label_replace(last_over_time(${selector}[${PRESENT}]), "${label}", "$1", "__name__", "${MEASUREMENT}_${pattern}")`;
};
const CELL_VOLTS = `${numbered("cell", "cell")} / 1000`;
/** The coldest sensor of each meter, °C. */
const COLDEST = `min by (meter, site) (last_over_time({__name__=~"${MEASUREMENT}_temp[0-9]*"}[${PRESENT}]))`;

const BUILD: Readonly<Record<string, Build>> = {
  // A protection that acts again and again is one alert.
  protection: () => ({
    expr: acted(PROTECTIONS, "max", "2m"),
    text: `${METER}: {{ $labels.state }} acted`,
  }),
  alarm: () => ({ expr: acted(ALARMS, "last", PRESENT), text: `${METER}: {{ $labels.state }}` }),
  "charge-low": ({ limit }) => ({
    expr: `${over("last", "percent", PRESENT)} <= ${limit}`,
    text: `${METER}: charge at ${valueAs("%.1f")} %, limit ${limit} %`,
  }),
  "cell-low": ({ limit }) => ({
    expr: `${CELL_VOLTS} <= ${limit}`,
    text: `${METER}: cell {{ $labels.cell }} at ${valueAs("%.3f")} V, limit ${limit.toFixed(3)} V`,
  }),
  "cell-high": ({ limit }) => ({
    expr: `${CELL_VOLTS} >= ${limit}`,
    text: `${METER}: cell {{ $labels.cell }} at ${valueAs("%.3f")} V, limit ${limit.toFixed(3)} V`,
  }),
  "cell-spread": ({ limit }) => ({
    expr: `${over("last", "delta", PRESENT)} >= ${limit}`,
    text: `${METER}: cells are ${valueAs("%.0f")} mV apart, limit ${limit} mV`,
  }),
  "cold-charging": ({ limit }) => ({
    expr: `(${COLDEST} <= ${limit}) and on (meter, site) (${over("last", "amps", PRESENT)} >= ${CHARGING_AMPS})`,
    text: `${METER}: charging at ${valueAs("%.1f")} °C, limit ${limit} °C`,
  }),
  // The delay is a part of the expression: the series of a meter that sends nothing ends.
  silent: ({ delay }) => ({
    expr: `time() - max_over_time(timestamp(${MEASUREMENT}_online == 1)[1d:1m]) >= ${delay}`,
    forS: 0,
    text: `${METER}: silent, last measurement {{ humanizeDuration $value }} ago`,
  }),
  frozen: () => {
    const window = `${FROZEN_MS / 60_000}m`;
    const unchanged = (["volts", "amps"] as const).map((name) => `changes(${MEASUREMENT}_${name}[${window}]) == 0`);
    return {
      expr: `${[
        ...unchanged,
        `abs(${over("last", "amps", PRESENT)}) >= ${FLOWING_AMPS}`,
        `${over("count", "volts", window)} >= 10`,
      ]
        .map((part) => `(${part})`)
        .join(" and on (meter, site) ")}`,
      text: `${METER}: values have not changed for ${window} although current flows`,
    };
  },
  backlog: ({ limit }) => ({
    expr: `${over("last", "backlog", PRESENT)} >= ${limit}`,
    text: `${METER}: ${valueAs("%.0f")} readings wait to be delivered`,
  }),
  telegraf: ({ delay }) => ({
    expr: `absent_over_time(${MEASUREMENT}_online[${delay}s])`,
    forS: 0,
    text: "no reading of any meter has arrived: Telegraf or the aggregator is away",
  }),
};

/** A rule that the viewer has no need of: it reads the agents' status. */
const SPOOL: AlertRule = {
  name: "spool",
  severity: "warning",
  about: "the spool of a meter will be full within a day",
  expr: `predict_linear(${MEASUREMENT}_backlog[1h], 86400) >= ${SPOOL_READINGS} and ${MEASUREMENT}_backlog > 0`,
  forS: 600,
  text: `${METER}: its spool will be full within a day, and then the oldest readings are dropped`,
};

/** Rules of the viewer that a database cannot evaluate. */
export const NOT_IN_A_DATABASE: Readonly<Record<string, string>> = {
  "shared-name": "the address of a device is not stored",
  feed: "the live feed is no part of the way to the database",
};

export const ALERT_RULES: readonly AlertRule[] = [
  ...RULES.filter(({ name }) => !(name in NOT_IN_A_DATABASE)).map((rule): AlertRule => {
    const { name, about, preset, limits } = rule;
    const build = BUILD[name];
    if (!build) throw new Error(`no expression for the rule ${name}`);
    const delay = preset.delayMs / 1000;
    const built = build({
      delay,
      limit: limits?.preset("unknown").start ?? Number.NaN,
    });
    return { name, about, severity: preset.severity, forS: delay, ...built };
  }),
  SPOOL,
];
