import { type DataFrame, type DisplayValue, formattedValueToString, getFieldDisplayName } from "@grafana/data";

/**
 * A table. Grafana's own needs its server's page around it: this drawing takes names and texts from Grafana's field config, and
 * nothing else from Grafana.
 */
export function Rows({ frame }: { readonly frame: DataFrame }) {
  const { fields, length } = frame;
  return (
    <table className="rows">
      <thead>
        <tr>
          {fields.map((field) => (
            <th key={getFieldDisplayName(field, frame)}>{getFieldDisplayName(field, frame)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length }, (_, row) => (
          <tr key={String(fields[0]?.values[row])}>
            {fields.map(({ name, values, display, config }, column) => (
              <Cell
                key={`${name} ${config.displayName ?? column}`}
                shown={display?.(values[row])}
                isColoured={config.custom?.cellOptions?.type === "color-text"}
                isLink={(config.links?.length ?? 0) > 0}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  readonly shown: DisplayValue | undefined;
  readonly isColoured: boolean;
  readonly isLink: boolean;
}

function Cell({ shown, isColoured, isLink }: CellProps) {
  const text = shown && !(Number.isNaN(shown.numeric) && shown.text === "") ? formattedValueToString(shown) : "";
  return <td style={{ ...(isColoured && { color: shown?.color }), ...(isLink && { color: "#6e9fff" }) }}>{text}</td>;
}
