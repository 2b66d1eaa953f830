import {
  displayNameOverrideProcessor,
  FieldConfigOptionsRegistry,
  type FieldConfigPropertyItem,
  type FieldConfigSource,
  identityOverrideProcessor,
  numberOverrideProcessor,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from "@grafana/data";

/** Options of a field that Grafana's panels share. The server registers them; they are in none of its packages. */
const STANDARD = {
  unit: unitOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor,
  noValue: stringOverrideProcessor,
  color: identityOverrideProcessor,
  links: identityOverrideProcessor,
  thresholds: thresholdsOverrideProcessor,
  mappings: valueMappingsOverrideProcessor,
} as const;

/** Options of one kind of panel, with the values that Grafana assumes. */
const TIME_SERIES = {
  drawStyle: "line",
  lineInterpolation: "linear",
  lineWidth: 1,
  fillOpacity: 0,
  gradientMode: "none",
  spanNulls: false,
  showPoints: "auto",
  pointSize: 5,
  transform: undefined,
  axisPlacement: "auto",
  axisLabel: "",
  barAlignment: 0,
  barWidthFactor: 0.6,
  scaleDistribution: { type: "linear" },
  thresholdsStyle: { mode: "off" },
  stacking: { mode: "none", group: "A" },
  hideFrom: { viz: false, legend: false, tooltip: false },
} as const;
const TABLE = { align: "auto", cellOptions: { type: "auto" }, inspect: false } as const;

interface Kind {
  readonly colour: string;
  readonly custom: Readonly<Record<string, unknown>>;
}

/** By the type of a panel. */
const KINDS: Readonly<Record<string, Kind>> = {
  timeseries: { colour: "palette-classic", custom: TIME_SERIES },
  table: { colour: "thresholds", custom: TABLE },
  "status-history": { colour: "thresholds", custom: {} },
  "state-timeline": { colour: "continuous-GrYlRd", custom: {} },
};
const OTHER: Kind = { colour: "thresholds", custom: {} };

const item = (id: string, process: FieldConfigPropertyItem["process"], isCustom: boolean): FieldConfigPropertyItem => ({
  id: isCustom ? `custom.${id}` : id,
  path: id,
  name: id,
  isCustom,
  process,
  shouldApply: () => true,
  editor: () => null,
  override: () => null,
});

export function registryOf(type: string): FieldConfigOptionsRegistry {
  const { custom } = KINDS[type] ?? OTHER;
  return new FieldConfigOptionsRegistry(() => [
    ...Object.entries(STANDARD).map(([id, process]) => item(id, process as FieldConfigPropertyItem["process"], false)),
    ...Object.keys(custom).map((id) => item(id, identityOverrideProcessor, true)),
  ]);
}

/** The field config of a panel with what Grafana assumes where the file says nothing. */
export function withDefaults(type: string, { defaults, overrides }: FieldConfigSource): FieldConfigSource {
  const { colour, custom } = KINDS[type] ?? OTHER;
  const steps = defaults.thresholds?.steps.map((step) => ({ ...step, value: step.value ?? Number.NEGATIVE_INFINITY }));
  return {
    defaults: {
      color: { mode: colour },
      ...defaults,
      ...(defaults.thresholds && steps && { thresholds: { ...defaults.thresholds, steps } }),
      custom: { ...custom, ...defaults.custom },
    },
    overrides,
  };
}
