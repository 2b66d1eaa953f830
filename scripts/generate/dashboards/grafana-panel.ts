import * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import {
  type BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  GraphTransform,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import * as gauge from "@grafana/grafana-foundation-sdk/gauge";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as statetimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as statushistory from "@grafana/grafana-foundation-sdk/statushistory";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import type { Colour, Dashboard, Drawing, Panel } from "./description.ts";
import { type Language, uidOf } from "./language.ts";
import { ALL, READING_S, SITES } from "./names.ts";
import { inOrder, perMonth, perSite, refIdOf, SITE_COLUMN } from "./transformations.ts";

/**
 * Grafana's name of a unit. Its own units change with the size of a value: it would show 3335 mV as "3 V", and 0.2 Wh as
 * "200.00 mWh" beside "1.44 kWh". Those with `suffix` do not.
 */
const UNITS: Readonly<Record<string, string>> = {
  V: "suffix:V",
  mV: "suffix:mV",
  A: "suffix:A",
  W: "watt",
  kWh: "suffix:kWh",
  Wh: "suffix:Wh",
  Ah: "suffix:Ah",
  "%": "percent",
  part: "percentunit",
  "°C": "celsius",
  ms: "ms",
  s: "s",
  min: "m",
  h: "h",
  dBm: "suffix:dBm",
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

/** The meters of one day on top of each other. */
const bars = () =>
  new timeseries.PanelBuilder()
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(70)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"))
    .legend(legend(LegendPlacement.Bottom));

const values = (panel: Panel, language: Language, textMode: BigValueTextMode) =>
  new stat.PanelBuilder()
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(textMode)
    .reduceOptions(lastValue(panel, language));

const DRAWINGS = {
  course: (_: Panel) => lines(),
  days: (_: Panel) => bars(),
  states: (_: Panel) =>
    new statetimeline.PanelBuilder().mergeValues(true).showValue(VisibilityMode.Never).rowHeight(0.8),
  parts: (_: Panel) =>
    new statushistory.PanelBuilder().showValue(VisibilityMode.Auto).rowHeight(0.9).colWidth(0.98).fillOpacity(70),
  months: (_: Panel) => new table.PanelBuilder(),
  sites: (_: Panel, language: Language) =>
    new table.PanelBuilder().overrideByName(SITE_COLUMN, [
      { id: "mappings", value: WITHOUT_SITE },
      { id: "links", value: [{ title: "House", url: houseOf(language) }] },
    ]),
  tiles: (panel: Panel, language: Language, { oneMeter = false }: Dashboard) =>
    values(
      panel,
      language,
      oneMeter && panel.lines.length === 1 ? BigValueTextMode.Value : BigValueTextMode.ValueAndName,
    ),
  rows: (panel: Panel, language: Language) =>
    values(panel, language, BigValueTextMode.ValueAndName).orientation(VizOrientation.Horizontal),
  gauge: (panel: Panel, language: Language) => new gauge.PanelBuilder().reduceOptions(lastValue(panel, language)),
  bars: (panel: Panel, language: Language) =>
    new bargauge.PanelBuilder()
      .displayMode("basic" as BarGaugeDisplayMode)
      .orientation(VizOrientation.Vertical)
      .reduceOptions(lastValue(panel, language)),
} satisfies Readonly<Record<Drawing, (panel: Panel, language: Language, dashboard: Dashboard) => unknown>>;

const TRANSFORMED: Readonly<Partial<Record<Drawing, typeof perSite>>> = { months: perMonth, sites: perSite };

/** Readings without the tag: PromQL gives them the name that chooses all sites, and InfluxQL an empty one. */
const WITHOUT_SITE = [
  { type: MappingType.ValueToText, options: { [ALL]: { text: "without a site", index: 0 } } },
  { type: MappingType.SpecialValue, options: { match: "empty", result: { text: "without a site", index: 1 } } },
];
/** The dashboard House with the site of a row. */
const houseOf = (language: Language) =>
  `/d/${uidOf("house", language)}?\${__url_time_range}&var-${SITES}=\${__value.raw}`;

/** Drawings of a value per day. */
const DAILY: ReadonlySet<Drawing> = new Set(["days", "parts", "months"]);

type GrafanaPanel = ReturnType<(typeof DRAWINGS)[Drawing]>;

export function grafanaPanel(panel: Panel, language: Language, dashboard: Dashboard): GrafanaPanel {
  const builder = DRAWINGS[panel.draw](panel, language, dashboard)
    .title(panel.title)
    .description([panel.about, panel.exceptIn?.[language.name]].filter(Boolean).join(" "))
    .unit(UNITS[panel.unit] ?? panel.unit)
    .thresholds(thresholds(panel.colours ?? [{ colour: "text" }]));
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.range?.from !== undefined) builder.min(panel.range.from);
  if (panel.range?.to !== undefined) builder.max(panel.range.to);
  if (panel.empty) builder.noValue(panel.empty);
  if (panel.since) builder.timeFrom(panel.since);
  builder.interval(DAILY.has(panel.draw) ? "1d" : `\${${READING_S}}s`);
  const transformations = TRANSFORMED[panel.draw]?.(panel, language) ?? inOrder(panel, language);
  if (transformations.length > 0) builder.transformations(transformations);
  if (panel.draw === "parts") builder.colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
  if (panel.words) {
    const options = Object.entries(panel.words).map(([value, { text, colour }]) => [value, { text, color: colour }]);
    builder.mappings([{ type: MappingType.ValueToText, options: Object.fromEntries(options) }]);
  }
  panel.lines.forEach((line, i) => {
    const refId = refIdOf(i);
    builder.withTarget(language.target(line, refId));
    const properties = [
      ...(line.colour ? [{ id: "color", value: { mode: "shades", fixedColor: line.colour } }] : []),
      ...(line.isDownward ? [{ id: "custom.transform", value: GraphTransform.NegativeY }] : []),
    ];
    if (properties.length > 0) builder.overrideByQuery(refId, properties);
    const ofColumn = [
      ...(line.unit ? [{ id: "unit", value: UNITS[line.unit] }] : []),
      ...(line.colours
        ? [
            { id: "thresholds", value: thresholds(line.colours).build() },
            { id: "custom.cellOptions", value: { type: "color-text" } },
          ]
        : []),
    ];
    if (ofColumn.length > 0) builder.overrideByName(line.label ?? "", ofColumn);
  });
  return builder;
}

function thresholds(colours: readonly Colour[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(colours.map(({ from, colour }) => ({ value: from ?? null, color: colour })));
}
