import { type FieldDisplay, formattedValueToString } from "@grafana/data";

/**
 * A value on an arc. Grafana's own gauge is not among the components that it publishes: this drawing takes text, colour and limits
 * from Grafana's field config, and nothing else from Grafana.
 */
export function Arc({
  value: { display, field },
  width,
  height,
}: {
  readonly value: FieldDisplay;
  readonly width: number;
  readonly height: number;
}) {
  const [min, max] = [field.min ?? 0, field.max ?? 100];
  const part = Math.min(1, Math.max(0, (display.numeric - min) / (max - min)));
  return (
    <svg width={width} height={height} viewBox="0 0 100 76" role="img" aria-label={display.title ?? ""}>
      <path d={arcTo(1)} fill="none" stroke="#2c2d33" strokeWidth={9} />
      {part > 0 && <path d={arcTo(part)} fill="none" stroke={display.color} strokeWidth={9} />}
      <text x={50} y={50} textAnchor="middle" fontSize={15} fill={display.color}>
        {formattedValueToString(display)}
      </text>
      <text x={50} y={70} textAnchor="middle" fontSize={9} fill="#ccccdc">
        {display.title}
      </text>
    </svg>
  );
}

/** From the lower left over the top to the lower right. */
function arcTo(part: number): string {
  const angle = (part * 1.2 - 1.1) * Math.PI;
  const [x, y] = [50 + 38 * Math.cos(angle), 46 + 38 * Math.sin(angle)];
  const [fromX, fromY] = [50 + 38 * Math.cos(-1.1 * Math.PI), 46 + 38 * Math.sin(-1.1 * Math.PI)];
  return `M ${fromX} ${fromY} A 38 38 0 ${part * 1.2 > 1 ? 1 : 0} 1 ${x} ${y}`;
}
