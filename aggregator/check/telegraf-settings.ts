import { parseDuration } from "./configuration.ts";

/**
 * What our documents need from Telegraf's `socket_listener` and its CSV parser. One table writes `telegraf/*.conf` and
 * judges the configuration that an operator has. The consequences were each seen in a running Telegraf.
 */
export interface ListenerSetting {
  readonly name: string;
  /** As the snippets set it; absent where they leave it out. */
  readonly value?: string | number | readonly string[];
  /** For the snippets. */
  readonly about?: string;
  /** Whether what was found does no harm; undefined stands for a setting that is not there. */
  readonly isHarmless: (found: unknown) => boolean;
  /** What Telegraf does otherwise. */
  readonly consequence: string;
}

/** Oldest Telegraf that keeps the documents of two connections apart (older ones share one parser without a lock). */
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
    about: "The aggregator writes as a member of Telegraf's group. Without this only Telegraf's own user may.",
    isHarmless: (found) => typeof found === "string" && (Number.parseInt(found, 8) & 0o022) !== 0,
    consequence: "only Telegraf's own user and root may write to the socket, so the aggregator is refused",
  },
  {
    name: "splitting_strategy",
    value: "null",
    about: "A document ends with a NUL byte. By default each line would be taken for a document, and nothing stored.",
    isHarmless: is("null"),
    consequence: "documents are cut in the wrong places, and Telegraf stores nothing without saying so",
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
    about: "Each document begins with the names of its columns, which differ from battery to battery.",
    isHarmless: is(1),
    consequence: "Telegraf does not take the column names from the first line of each document",
  },
  {
    name: "csv_reset_mode",
    value: "always",
    about: "Without this Telegraf keeps the column names of the first document that it sees, and drops the others.",
    isHarmless: is("always"),
    consequence:
      "of all documents only the first after a start is stored; the others are dropped, or with csv_skip_errors their " +
      "values land under the first one's column names",
  },
  {
    name: "csv_tag_columns",
    value: ["meter"],
    isHarmless: (found) => Array.isArray(found) && found.includes("meter"),
    consequence: "readings of different meters become one series and overwrite each other",
  },
  {
    name: "csv_timestamp_column",
    value: "time",
    about: "The moment of measurement. What is sent twice after a fault then lands on the same point.",
    isHarmless: is("time"),
    consequence:
      "readings carry the moment at which Telegraf read them instead of the moment of measurement, and what is sent " +
      "twice is stored twice",
  },
  {
    name: "csv_timestamp_format",
    value: "unix_ms",
    isHarmless: is("unix_ms"),
    consequence: "the time of every reading is read wrongly, or the reading is dropped because it cannot be read",
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
      "types are given by position, but the columns of each battery differ: rows are dropped or stored with wrong types",
  },
  {
    name: "csv_delimiter",
    isHarmless: isAbsent("", ","),
    consequence: "Telegraf does not find the columns, which are separated by commas",
  },
  {
    name: "csv_skip_rows",
    isHarmless: isAbsent(0),
    consequence: "Telegraf skips the column names and takes the first reading for them",
  },
  {
    name: "csv_skip_columns",
    isHarmless: isAbsent(0),
    consequence: "Telegraf drops the first columns: meter and time",
  },
  {
    name: "csv_metadata_rows",
    isHarmless: isAbsent(0),
    consequence: "Telegraf takes the column names for something else, and the first reading for the column names",
  },
  {
    name: "time_source",
    isHarmless: isAbsent("", "metric"),
    consequence: "readings lose the moment of measurement",
  },
  {
    name: "precision",
    isHarmless: (found) => (parseDuration(found) ?? 0) <= 1,
    consequence: "the times of readings are rounded, and readings that fall on the same moment overwrite each other",
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
      "Telegraf refuses the second connection, which the aggregator opens beside the first to learn what was read",
  },
  {
    name: "read_timeout",
    isHarmless: (found) => (parseDuration(found) ?? 0) === 0,
    consequence: "Telegraf ends the connection whenever no reading came for that long, and everything is sent again",
  },
  {
    name: "allowed_sources",
    isHarmless: isEmpty,
    consequence: "Telegraf refuses every connection, because a unix socket has no address to allow",
  },
];
