import { parseDuration } from "./configuration.ts";

/**
 * A setting of Telegraf's `socket_listener` or its CSV parser that the documents depend on. The same table generates
 * `telegraf/*.conf` and checks the operator's configuration. Each consequence was observed in a running Telegraf.
 */
export interface ListenerSetting {
  readonly name: string;
  /** Value in the snippets; absent if they do not set it. */
  readonly value?: string | number | readonly string[];
  /** Comment in the snippets. */
  readonly about?: string;
  /** True for a value that does no harm; undefined stands for a setting that is not there. */
  readonly isHarmless: (found: unknown) => boolean;
  /** The effect of any other value. */
  readonly consequence: string;
}

/** Oldest usable Telegraf: older ones parse the documents of two connections with one parser and no lock. */
export const OLDEST_TELEGRAF = { major: 1, minor: 33 } as const;

const isAbsent =
  (...harmless: readonly unknown[]) =>
  (found: unknown) =>
    found === undefined || harmless.includes(found);
const isEmpty = (found: unknown) => found === undefined || (Array.isArray(found) && found.length === 0);
const is = (wanted: unknown) => (found: unknown) => found === wanted;

export const LISTENER_SETTINGS: readonly ListenerSetting[] = [
  {
    name: "socket_mode",
    value: "0660",
    about: "Lets the aggregator write as a member of Telegraf's group. Without it only Telegraf's own user may write.",
    isHarmless: (found) => typeof found === "string" && (Number.parseInt(found, 8) & 0o022) !== 0,
    consequence: "only Telegraf's own user and root may write to the socket, so the aggregator gets no permission",
  },
  {
    name: "splitting_strategy",
    value: "null",
    about: "A document ends with a NUL byte. By default Telegraf parses each line as a document and stores nothing.",
    isHarmless: is("null"),
    consequence: "documents are split in the wrong places, and Telegraf silently stores nothing",
  },
  {
    name: "data_format",
    value: "csv",
    isHarmless: is("csv"),
    consequence: "Telegraf cannot read the documents, or does not start",
  },
  {
    name: "csv_header_row_count",
    value: 1,
    about: "Each document begins with its column names, which differ between batteries.",
    isHarmless: is(1),
    consequence: "Telegraf does not take the column names from the first line of each document",
  },
  {
    name: "csv_reset_mode",
    value: "always",
    about: "Without it Telegraf keeps the column names of the first document and drops all other documents.",
    isHarmless: is("always"),
    consequence:
      "of all documents only the first after a start is stored; the others are dropped, or with csv_skip_errors their " +
      "values land under the first one's column names",
  },
  {
    name: "csv_tag_columns",
    value: ["meter", "site"],
    isHarmless: (found) => Array.isArray(found) && found.includes("meter"),
    consequence: "readings of different meters become one series and overwrite each other",
  },
  {
    name: "csv_timestamp_column",
    value: "time",
    about: "Time of measurement. A reading that is sent twice then becomes the same point.",
    isHarmless: is("time"),
    consequence:
      "readings get the time at which Telegraf read them instead of the time of measurement, and a reading that is sent " +
      "twice is stored twice",
  },
  {
    name: "csv_timestamp_format",
    value: "unix_ms",
    isHarmless: is("unix_ms"),
    consequence: "the time of every reading is misread, or the reading is dropped because its time cannot be parsed",
  },
  {
    name: "csv_column_names",
    isHarmless: isEmpty,
    consequence: "Telegraf ignores the column names in the documents, and values land in wrong fields",
  },
  {
    name: "csv_column_types",
    isHarmless: isEmpty,
    consequence:
      "types apply by position, but the columns differ between batteries: rows are dropped or stored with wrong types",
  },
  {
    name: "csv_delimiter",
    isHarmless: isAbsent("", ","),
    consequence: "Telegraf does not find the columns, which are separated by commas",
  },
  {
    name: "csv_skip_rows",
    isHarmless: isAbsent(0),
    consequence: "Telegraf skips the column names and uses the first reading as names",
  },
  {
    name: "csv_skip_columns",
    isHarmless: isAbsent(0),
    consequence: "Telegraf drops the first columns: meter and time",
  },
  {
    name: "csv_metadata_rows",
    isHarmless: isAbsent(0),
    consequence: "Telegraf reads the column names as metadata, and the first reading as column names",
  },
  {
    name: "time_source",
    isHarmless: isAbsent("", "metric"),
    consequence: "readings lose their time of measurement",
  },
  {
    name: "precision",
    isHarmless: (found) => (parseDuration(found) ?? 0) <= 1,
    consequence: "the times of readings are rounded, and readings with the same time overwrite each other",
  },
  {
    name: "content_encoding",
    isHarmless: isAbsent("", "identity", "auto"),
    consequence: "Telegraf expects compressed documents and drops the plain ones",
  },
  {
    name: "max_connections",
    isHarmless: (found) => found !== 1,
    consequence:
      "Telegraf rejects the second connection, which the aggregator opens to get a read receipt for the first",
  },
  {
    name: "read_timeout",
    isHarmless: (found) => (parseDuration(found) ?? 0) === 0,
    consequence:
      "Telegraf ends the connection whenever no reading has come for that long, and everything unsettled is sent again",
  },
  {
    name: "allowed_sources",
    isHarmless: isEmpty,
    consequence: "Telegraf rejects every connection, because a unix socket has no address to allow",
  },
];
