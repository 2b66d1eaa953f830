import {
  AnnotationQueryBuilder,
  CustomVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Dashboard as Model,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dashboard, Panel } from "./description.ts";
import { grafanaPanel } from "./grafana-panel.ts";
import { type Language, uidOf } from "./language.ts";
import { METERS, READING_S, SITES, ZONE } from "./names.ts";

/** Tags by which the dashboards of one language link to each other. */
const tagOf = ({ oneMeter = false }: Pick<Dashboard, "oneMeter">, { name }: Language) =>
  oneMeter ? `bms-one-${name}` : `bms-${name}`;

const linkTo = (kind: Pick<Dashboard, "oneMeter">, language: Language) =>
  new DashboardLinkBuilder(kind.oneMeter ? "One battery" : "All batteries")
    .type(DashboardLinkType.Dashboards)
    .tags([tagOf(kind, language)])
    .keepTime(true);

/** The classic model of a dashboard, which Grafana 10 and newer read. */
export function grafanaDashboard(dashboard: Dashboard, language: Language): Model {
  const builder = new DashboardBuilder(`Battery: ${dashboard.title}`)
    .uid(uidOf(dashboard.name, language))
    .description(dashboard.about)
    .tags(["battery", tagOf(dashboard, language)])
    .time({ from: dashboard.from, to: "now" })
    .refresh(dashboard.refresh ?? "30s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(linkTo({}, language).includeVars(true))
    // One meter is chosen there: a choice of several would be none.
    .link(linkTo({ oneMeter: true }, language));
  for (const variable of variables(dashboard, language)) builder.withVariable(variable);
  for (const { name, query } of language.acted) {
    builder.annotation(
      new AnnotationQueryBuilder()
        .name(name)
        .datasource({ type: language.datasource, uid: DATASOURCE })
        .enable(true)
        .iconColor("red")
        .target(query),
    );
  }
  let top = 0;
  for (const { title, panels, rare = false } of dashboard.sections.filter(
    ({ scraped }) => !scraped || language.scrapes,
  )) {
    const row = new RowBuilder(title).gridPos({ x: 0, y: top, w: COLUMNS, h: 1 });
    const { places, bottom } = placesOf(panels, top + 1);
    const built = panels.map((panel, i) =>
      grafanaPanel(panel, language, dashboard)
        .datasource({ type: language.datasource, uid: DATASOURCE })
        .gridPos(places[i] ?? { x: 0, y: top, w: 0, h: 0 }),
    );
    if (rare) {
      builder.withRow(built.reduce((all, panel) => all.withPanel(panel), row.collapsed(true)));
    } else {
      builder.withRow(row);
      for (const panel of built) builder.withPanel(panel);
    }
    top = rare ? top + 1 : bottom;
  }
  return builder.build();
}

const COLUMNS = 24;

/** Each panel as high up as its width finds room, then as far left. */
function placesOf(panels: readonly Panel[], top: number) {
  const ends = new Array<number>(COLUMNS).fill(top);
  const places = panels.map(({ width, height }) => {
    const tops = Array.from({ length: COLUMNS - width + 1 }, (_, x) => Math.max(...ends.slice(x, x + width)));
    const y = Math.min(...tops);
    const x = tops.indexOf(y);
    ends.fill(y + height, x, x + width);
    return { x, y, w: width, h: height };
  });
  return { places, bottom: Math.max(...ends) };
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana's
const DATASOURCE = "${datasource}";

function variables({ oneMeter = false }: Dashboard, { datasource, values, namesZone }: Language) {
  const source = { type: datasource, uid: DATASOURCE };
  const list = (name: string, label: string, query: string) =>
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(source)
      .query(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.NaturalAsc);
  const everything = { text: "All", value: "$__all" };
  return [
    new DatasourceVariableBuilder("datasource").label("Data source").type(datasource),
    // Meters of an installation without sites have no such tag, which the pattern for all matches as well as the empty choice.
    ...[list(SITES, "Site", values.site), list(METERS, "Battery", values.meter)].map((variable) =>
      oneMeter ? variable : variable.multi(true).includeAll(true).allValue(".*").current(everything),
    ),
    new CustomVariableBuilder(READING_S)
      .label("Readings at least every")
      .description("The longest time between two readings of a battery. A longer time without one is a gap.")
      .values(
        Object.entries(READING_TIMES)
          .map(([text, seconds]) => `${text} : ${seconds}`)
          .join(", "),
      )
      .current({ text: "2 min", value: "120" }),
    ...(namesZone
      ? [
          new TextBoxVariableBuilder(ZONE)
            .label("Time zone of days")
            .description("Name of a time zone, such as Europe/Berlin.")
            .defaultValue("Etc/UTC")
            .current({ text: "Etc/UTC", value: "Etc/UTC" }),
        ]
      : []),
  ];
}

const READING_TIMES = { "1 min": 60, "2 min": 120, "5 min": 300, "10 min": 600, "30 min": 1800 };
