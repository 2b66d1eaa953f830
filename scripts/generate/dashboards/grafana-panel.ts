import * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import {
  type BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import { MappingType, ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import * as gauge from "@grafana/grafana-foundation-sdk/gauge";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as statetimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import type { Colour, Drawing, Panel } from "./description.ts";
import type { Language } from "./language.ts";
import { READING_S } from "./names.ts";

/** Grafana's name of a unit. */
const UNITS: Readonly<Record<string, string>> = {
  V: "volt",
  mV: "mvolt",
  A: "amp",
  W: "watt",
  kWh: "kwatth",
  Wh: "watth",
  Ah: "amph",
  "%": "percent",
  part: "percentunit",
  "°C": "celsius",
  ms: "ms",
  s: "s",
  min: "m",
  h: "h",
  dBm: "dBm",
  duration: "dtdurations",
  ago: "dateTimeFromNow",
  "": "none",
};

const legend = (placement: LegendPlacement) =>
  new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(placement).showLegend(true).calcs([]);

const lastValue = ({ unit }: Panel, { timeField }: Language) =>
  new ReduceDataOptionsBuilder()
    .calcs(["lastNotNull"])
    .values(false)
    .fields(unit === "ago" ? timeField : "");

/** A line is broken where an interval holds no reading. */
const lines = () =>
  new timeseries.PanelBuilder()
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .legend(legend(LegendPlacement.Bottom));

const bars = () =>
  new timeseries.PanelBuilder()
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(70)
    .lineWidth(0)
    .interval("1d")
    .legend(legend(LegendPlacement.Bottom));

const DRAWINGS = {
  course: (_: Panel) => lines(),
  days: (_: Panel) => bars(),
  states: (_: Panel) =>
    new statetimeline.PanelBuilder().mergeValues(true).showValue(VisibilityMode.Never).rowHeight(0.8),
  tiles: (panel: Panel, language: Language) =>
    new stat.PanelBuilder()
      .graphMode(BigValueGraphMode.None)
      .colorMode(BigValueColorMode.Value)
      .textMode(BigValueTextMode.ValueAndName)
      .reduceOptions(lastValue(panel, language)),
  gauge: (panel: Panel, language: Language) => new gauge.PanelBuilder().reduceOptions(lastValue(panel, language)),
  bars: (panel: Panel, language: Language) =>
    new bargauge.PanelBuilder()
      .displayMode("basic" as BarGaugeDisplayMode)
      .orientation(VizOrientation.Vertical)
      .reduceOptions(lastValue(panel, language)),
} satisfies Readonly<Record<Drawing, (panel: Panel, language: Language) => unknown>>;

type GrafanaPanel = ReturnType<(typeof DRAWINGS)[Drawing]>;

export function grafanaPanel(panel: Panel, language: Language): GrafanaPanel {
  const builder = DRAWINGS[panel.draw](panel, language)
    .title(panel.title)
    .description(panel.about)
    .unit(UNITS[panel.unit] ?? panel.unit)
    .thresholds(thresholds(panel.colours ?? [{ colour: "text" }]));
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.range?.from !== undefined) builder.min(panel.range.from);
  if (panel.range?.to !== undefined) builder.max(panel.range.to);
  if (panel.empty) builder.noValue(panel.empty);
  if (panel.since) builder.timeFrom(panel.since);
  if (panel.draw !== "days") builder.interval(`\${${READING_S}}s`);
  if (panel.words) {
    const options = Object.entries(panel.words).map(([value, { text, colour }]) => [value, { text, color: colour }]);
    builder.mappings([{ type: MappingType.ValueToText, options: Object.fromEntries(options) }]);
  }
  panel.lines.forEach((line, i) => {
    const refId = String.fromCharCode(65 + (i % 26)).repeat(1 + Math.floor(i / 26));
    builder.withTarget(language.target(line, refId));
    if (line.colour) {
      builder.overrideByQuery(refId, [{ id: "color", value: { mode: "shades", fixedColor: line.colour } }]);
    }
  });
  return builder;
}

function thresholds(colours: readonly Colour[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(colours.map(({ from, colour }) => ({ value: from ?? null, color: colour })));
}
