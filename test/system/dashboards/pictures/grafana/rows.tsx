import { type DataFrame, formattedValueToString, getFieldDisplayName } from "@grafana/data";

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
            <th key={field.name}>{getFieldDisplayName(field, frame)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length }, (_, row) => (
          <tr key={String(fields[0]?.values[row])}>
            {fields.map(({ name, values, display }) => (
              <td key={name}>{display ? formattedValueToString(display(values[row])) : String(values[row])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
