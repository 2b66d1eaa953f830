/** A course of values in which a rule fires once and its alert ends. Values in the notation of promtool, one a minute. */
export interface RuleCourse {
  readonly rule: string;
  readonly series: Readonly<Record<string, string>>;
  /** Minute in which the alert is there. */
  readonly firesAt: number;
  /** Minute in which it is not there any more. */
  readonly endedAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

const house = (quantity: string) => `battery_${quantity}{meter="house"}`;

export const RULE_COURSES: readonly RuleCourse[] = [
  {
    rule: "protection",
    series: { [house("ovp")]: "0x4 1x4 0x20" },
    firesAt: 6,
    endedAt: 15,
    labels: { meter: "house", state: "cell over-voltage protection" },
    summary: "house: cell over-voltage protection acted",
  },
  {
    rule: "alarm",
    series: { [house("alow")]: "0x4 1x4 0x20" },
    firesAt: 7,
    endedAt: 15,
    labels: { meter: "house", state: "low capacity alarm" },
    summary: "house: low capacity alarm",
  },
  {
    rule: "charge-low",
    series: { [house("percent")]: "21x4 19.5x20 30x20" },
    firesAt: 15,
    endedAt: 30,
    labels: { meter: "house" },
    summary: "house: charge at 19.5 %, limit 20 %",
  },
  {
    rule: "cell-low",
    series: { [house("cell1")]: "3300x40", [house("cell7")]: "2600x4 2412x10 3100x20" },
    firesAt: 8,
    endedAt: 20,
    labels: { meter: "house", cell: "7" },
    summary: "house: cell 7 at 2.412 V, limit 2.500 V",
  },
  {
    rule: "cell-high",
    series: { [house("cell1")]: "3300x40", [house("cell16")]: "3300x4 4261x10 3300x20" },
    firesAt: 8,
    endedAt: 20,
    labels: { meter: "house", cell: "16" },
    summary: "house: cell 16 at 4.261 V, limit 4.250 V",
  },
  {
    rule: "cell-spread",
    series: { [house("delta")]: "12x4 231x20 12x20" },
    firesAt: 20,
    endedAt: 30,
    labels: { meter: "house" },
    summary: "house: cells are 231 mV apart, limit 200 mV",
  },
  {
    rule: "cold-charging",
    series: {
      [house("temp1")]: "12x40",
      [house("temp2")]: "3x4 -1.5x40",
      [house("amps")]: "20x14 -5x20",
    },
    firesAt: 8,
    endedAt: 20,
    labels: { meter: "house" },
    summary: "house: charging at -1.5 °C, limit 0 °C",
  },
  {
    rule: "silent",
    series: { [house("online")]: "1x9 0x19 1x9", 'battery_online{meter="van"}': "1x40" },
    firesAt: 21,
    endedAt: 34,
    labels: { meter: "house" },
    summary: "house: silent, last measurement 12m 0s ago",
  },
  {
    rule: "frozen",
    series: { [house("volts")]: "13+0.01x4 13.2x20 13+0.01x20", [house("amps")]: "5x40" },
    firesAt: 20,
    endedAt: 30,
    labels: { meter: "house" },
    summary: "house: values have not changed for 10m although current flows",
  },
  {
    rule: "backlog",
    series: { [house("backlog")]: "0x4 130x20 0x20" },
    firesAt: 20,
    endedAt: 30,
    labels: { meter: "house" },
    summary: "house: 130 readings wait to be delivered",
  },
  {
    rule: "telegraf",
    series: { [house("online")]: "1x4 _x20 1x20" },
    firesAt: 15,
    endedAt: 30,
    labels: {},
    summary: "no reading of any meter has arrived: Telegraf or the aggregator is away",
  },
  {
    rule: "spool",
    series: { [house("backlog")]: "0+60x100 0x20" },
    firesAt: 90,
    endedAt: 110,
    labels: { meter: "house" },
    summary: "house: its spool will be full within a day, and then the oldest readings are dropped",
  },
];

/** The same course of a meter that has a site. */
export function atSite(course: RuleCourse): RuleCourse {
  const { series, labels, summary } = course;
  return {
    ...course,
    series: Object.fromEntries(
      Object.entries(series).map(([name, values]) => [name.replace('"}', '",site="boat"}'), values]),
    ),
    labels: labels.meter === undefined ? labels : { ...labels, site: "boat" },
    summary: summary.replace(/^house:/, "boat/house:"),
  };
}
