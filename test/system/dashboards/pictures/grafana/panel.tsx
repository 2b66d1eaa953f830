import {
  applyFieldOverrides,
  applyNullInsertThreshold,
  type DataFrame,
  type DataTransformerConfig,
  type FieldConfigSource,
  type FieldDisplay,
  type GrafanaTheme2,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  type TimeRange,
  transformDataFrame,
  VizOrientation,
} from "@grafana/data";
import { BarGauge, BigValue, TimeSeries, VizRepeater } from "@grafana/ui";
import type { ReactElement } from "react";
import { lastValueFrom } from "rxjs";
import { Arc } from "./arc.tsx";
import { registryOf, withDefaults } from "./field-options.ts";
import type { Target } from "./query.ts";
import { Rows } from "./rows.tsx";
import { StateRows } from "./state-rows.tsx";

/** A panel of a generated file. */
export interface PanelModel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  /** Of a row that is folded up. */
  readonly panels?: readonly PanelModel[];
  readonly interval?: string;
  readonly timeFrom?: string;
  readonly targets?: readonly Target[];
  readonly transformations?: DataTransformerConfig[];
  readonly fieldConfig: FieldConfigSource;
  // biome-ignore lint/suspicious/noExplicitAny: each type of panel has options of its own
  readonly options: any;
}

export interface Drawn {
  readonly panel: PanelModel;
  readonly frames: DataFrame[];
  readonly range: TimeRange;
}

/** Frames as the panel shows them: transformed, with units, decimals, colours and words. */
export async function prepared(panel: PanelModel, frames: DataFrame[], theme: GrafanaTheme2): Promise<DataFrame[]> {
  const transformed = await lastValueFrom(transformDataFrame(panel.transformations ?? [], frames));
  return applyFieldOverrides({
    data: transformed,
    fieldConfig: withDefaults(panel.type, panel.fieldConfig),
    fieldConfigRegistry: registryOf(panel.type),
    replaceVariables: (text) => text,
    theme,
    timeZone: "utc",
  });
}

interface Size {
  readonly width: number;
  readonly height: number;
}
type Draw = (drawn: Drawn, size: Size, theme: GrafanaTheme2) => ReactElement;

const valuesOf = ({ panel, frames }: Drawn, theme: GrafanaTheme2) =>
  getFieldDisplayValues({
    fieldConfig: withDefaults(panel.type, panel.fieldConfig),
    reduceOptions: panel.options.reduceOptions,
    replaceVariables: (text) => text,
    theme,
    data: frames,
    timeZone: "utc",
  });

/** One drawing per value, as Grafana's panels of values arrange them. */
const repeated = (
  drawn: Drawn,
  size: Size,
  theme: GrafanaTheme2,
  orientation: VizOrientation,
  draw: (value: FieldDisplay, size: Size, all: readonly FieldDisplay[]) => ReactElement,
) => {
  const values = valuesOf(drawn, theme);
  return (
    <VizRepeater<FieldDisplay, undefined>
      {...size}
      source={drawn.frames}
      renderCounter={0}
      autoGrid
      getValues={() => values}
      orientation={orientation}
      minVizWidth={drawn.panel.options.minVizWidth}
      minVizHeight={drawn.panel.options.minVizHeight}
      renderValue={({ value, width, height }) => draw(value, { width, height }, values)}
    />
  );
};

const bars: Draw = (drawn, size, theme) =>
  repeated(drawn, size, theme, drawn.panel.options.orientation, (value, own, all) => (
    <BarGauge
      {...own}
      theme={theme}
      value={value.display}
      field={value.field}
      display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
      orientation={drawn.panel.options.orientation}
      displayMode={drawn.panel.options.displayMode ?? "gradient"}
      valueDisplayMode={drawn.panel.options.valueMode}
      showUnfilled={drawn.panel.options.showUnfilled ?? true}
      alignmentFactors={getDisplayValueAlignmentFactors([...all])}
      itemSpacing={8}
    />
  ));

/** Grafana's panel does this before it draws: where nothing came for longer than the interval, the line is broken. */
const withGaps = (frames: readonly DataFrame[], { from, to }: TimeRange) =>
  frames.map((frame) =>
    applyNullInsertThreshold({ frame, refFieldPseudoMin: from.valueOf(), refFieldPseudoMax: to.valueOf() }),
  );

/** By the type of a panel. */
const DRAW: Readonly<Record<string, Draw>> = {
  timeseries: ({ panel, frames, range }, size) => (
    <TimeSeries
      {...size}
      frames={withGaps(frames, range)}
      timeRange={range}
      timeZone="utc"
      legend={panel.options.legend}
    />
  ),
  stat: (drawn, size, theme) =>
    repeated(drawn, size, theme, drawn.panel.options.orientation, (value, own, all) => (
      <BigValue
        {...own}
        theme={theme}
        count={all.length}
        value={value.display}
        colorMode={drawn.panel.options.colorMode}
        graphMode={drawn.panel.options.graphMode}
        justifyMode={drawn.panel.options.justifyMode}
        textMode={drawn.panel.options.textMode}
        disableWideLayout={!drawn.panel.options.wideLayout}
        alignmentFactors={getDisplayValueAlignmentFactors([...all])}
      />
    )),
  bargauge: bars,
  gauge: (drawn, size, theme) =>
    repeated(drawn, size, theme, VizOrientation.Auto, (value, own) => <Arc {...own} value={value} />),
  table: ({ frames: [frame] }) => (frame ? <Rows frame={frame} /> : <div />),
  "state-timeline": ({ frames, range }, size) => <StateRows {...size} frames={frames} range={range} />,
  "status-history": ({ frames, range }, size) => <StateRows {...size} frames={frames} range={range} hasValues />,
};

export const draw: Draw = (drawn, size, theme) => {
  const { panel, frames } = drawn;
  const isEmpty = frames.every(({ length }) => length === 0);
  const ofType = DRAW[panel.type];
  if (!ofType) throw new Error(`no drawing of ${panel.type}`);
  if (isEmpty && !panel.options.reduceOptions) {
    return <div className="empty">{panel.fieldConfig.defaults.noValue ?? "No data"}</div>;
  }
  return ofType(drawn, size, theme);
};
