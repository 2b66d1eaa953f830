/** A row as Telegraf or a database holds it: tags, time, and each field with its type. */
export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** `13.280` in a document and `13.28` in line protocol are both `float 13.28`; `13i` and `13` are `int 13`. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Points in an order that does not depend on their arrival, for comparison. */
export function sorted(points: readonly Point[]): Point[] {
  const key = ({ measurement, tags, time }: Point) => `${measurement} ${JSON.stringify(tags)} ${time}`;
  return points
    .map((point) => ({ ...point, fields: Object.fromEntries(Object.entries(point.fields).sort()) }))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** The point of a CSV row. A decimal point makes a float, as in Telegraf's parser. */
export function pointOfRow(measurement: string, row: Readonly<Record<string, string>>): Point {
  const { meter = "", site, time, ...values } = row;
  return {
    measurement,
    tags: { meter, ...(site !== undefined && { site }) },
    time: Number(time),
    fields: Object.fromEntries(Object.entries(values).map(([name, text]) => [name, typed(text)])),
  };
}

const typed = (text: string) => `${text.includes(".") ? "float" : "int"} ${Number(text)}`;

/** Reads InfluxDB's line protocol as Telegraf writes it: `battery,meter=my\ bms volts=13.28,cycles=7i 1700000000000000000`. */
export function parseLineProtocol(text: string): Point[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [series = "", fields = "", time = ""] = splitOutside(line, " ");
      const [measurement = "", ...tags] = splitOutside(series, ",").map(unescaped);
      return {
        measurement,
        tags: Object.fromEntries(tags.map((tag) => splitOutside(tag, "=").map(unescaped))),
        time: Number(BigInt(time) / 1_000_000n) + Number(BigInt(time) % 1_000_000n) / 1e6,
        fields: Object.fromEntries(
          splitOutside(fields, ",").map((field) => {
            const [name = "", value = ""] = splitOutside(field, "=");
            return [unescaped(name), lineValue(value)];
          }),
        ),
      };
    });
}

function lineValue(text: string): string {
  if (text.startsWith('"')) return `string ${text}`;
  if (/^-?\d+i$/.test(text)) return `int ${text.slice(0, -1)}`;
  if (/^(true|false)$/.test(text)) return `bool ${text}`;
  return `float ${Number(text)}`;
}

const unescaped = (text: string) => text.replace(/\\([,= ])/g, "$1");

/** Splits at a separator that is neither escaped by a backslash nor inside double quotes. */
function splitOutside(text: string, separator: string): string[] {
  return text.match(new RegExp(`(?:\\\\.|"(?:\\\\.|[^"])*"|[^\\\\${separator}])+`, "g")) ?? [];
}
