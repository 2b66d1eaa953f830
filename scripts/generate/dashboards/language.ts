import type * as cog from "@grafana/grafana-foundation-sdk/cog";
import type { Quantity } from "../../../common/model/quantities.ts";
import type { Line } from "./description.ts";

/** Identifier of a dashboard, of which its address is made. */
export const uidOf = (dashboard: string, { name }: Pick<Language, "name">) => `bms-${dashboard}-${name}`;

/** A query language as Grafana's data source of it needs it. */
export interface Language {
  readonly name: string;
  readonly title: string;
  /** Type of the data source. */
  readonly datasource: string;
  target(line: Line, refId: string): cog.Builder<cog.Dataquery>;
  /** Queries that list the values of a tag. */
  readonly values: { readonly meter: string; readonly site: string };
  /** Times at which a protection acted, as an annotation. */
  readonly acted: readonly { readonly name: string; readonly query: cog.Builder<cog.Dataquery> }[];
  /** A day begins at midnight of a time zone that the query names. */
  readonly namesZone: boolean;
  /** Grafana's selection of the field that holds a time: `last-seen` returns one. */
  readonly timeField: string;
  /** Name that a panel of numbered quantities has for one of them. */
  numberedName(quantity: Quantity, label: string, number: number): string;
  /** Field of the answer to a query for a table that a line shows, and the other ones but the site. */
  columnOf(line: Line, refId: string): { readonly shown: string; readonly others: readonly string[] };
  /** Its databases can hold the metrics of the viewer. */
  readonly scrapes: boolean;
}
