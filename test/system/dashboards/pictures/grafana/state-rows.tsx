import { type DataFrame, FieldType, formattedValueToString, getFieldDisplayName, type TimeRange } from "@grafana/data";

/**
 * States over time, a row each. Grafana's own state timeline is not among the components that it publishes: this drawing takes
 * colours and words from Grafana's field config, and nothing else from Grafana.
 */
export function StateRows({
  frames,
  range,
  width,
  height,
  hasValues = false,
}: {
  readonly frames: readonly DataFrame[];
  readonly range: TimeRange;
  /** Writes each value into its colour. */
  readonly hasValues?: boolean;
  readonly width: number;
  readonly height: number;
}) {
  const rows = frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    const values = frame.fields.filter(({ type }) => type === FieldType.number);
    return time ? values.map((value) => ({ name: getFieldDisplayName(value, frame, [...frames]), time, value })) : [];
  });
  const from = range.from.valueOf();
  const perMs = (width - NAMES) / (range.to.valueOf() - from);
  return (
    <div className="states" style={{ width, height }}>
      {rows.map(({ name, time, value }) => (
        <div className="state" key={name}>
          <span className="name" style={{ width: NAMES }}>
            {name}
          </span>
          {value.values.map((state, i) => {
            if (state === null || state === undefined) return null;
            const at = time.values[i];
            const shown = value.display?.(state);
            const left = NAMES + Math.max(0, at - from) * perMs;
            const span = (time.config.interval ?? 0) * perMs;
            return (
              <i key={at} style={{ left, width: hasValues ? span - 2 : span + 0.6, background: shown?.color }}>
                {hasValues && shown ? formattedValueToString(shown) : ""}
              </i>
            );
          })}
        </div>
      ))}
    </div>
  );
}

/** Width of the names, pixels. */
const NAMES = 230;
