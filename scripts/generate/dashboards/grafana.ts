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
import type { Dashboard } from "./description.ts";
import { grafanaPanel } from "./grafana-panel.ts";
import type { Language } from "./language.ts";
import { METERS, READING_S, SITES, ZONE } from "./names.ts";

/** Tag by which the dashboards of one language link to each other. */
const tagOf = ({ name }: Language) => `bms-${name}`;

const uidOf = (dashboard: Dashboard, language: Language) => `bms-${dashboard.name}-${language.name}`;

/** The classic model of a dashboard, which Grafana 10 and newer read. */
export function grafanaDashboard(dashboard: Dashboard, language: Language): Model {
  const builder = new DashboardBuilder(`Battery: ${dashboard.title}`)
    .uid(uidOf(dashboard, language))
    .description(dashboard.about)
    .tags(["battery", tagOf(language)])
    .time({ from: dashboard.from, to: "now" })
    .refresh("30s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("Battery dashboards")
        .type(DashboardLinkType.Dashboards)
        .tags([tagOf(language)])
        .keepTime(true)
        .includeVars(true),
    );
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
  let y = 0;
  for (const { title, panels } of dashboard.sections.filter(({ scraped }) => !scraped || language.scrapes)) {
    builder.withRow(new RowBuilder(title).gridPos({ x: 0, y, w: 24, h: 1 }));
    y += 1;
    let x = 0;
    let rowHeight = 0;
    for (const panel of panels) {
      if (x + panel.width > 24) {
        x = 0;
        y += rowHeight;
        rowHeight = 0;
      }
      builder.withPanel(
        grafanaPanel(panel, language)
          .datasource({ type: language.datasource, uid: DATASOURCE })
          .gridPos({ x, y, w: panel.width, h: panel.height }),
      );
      x += panel.width;
      rowHeight = Math.max(rowHeight, panel.height);
    }
    y += rowHeight;
  }
  return builder.build();
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
  const meter = list(METERS, "Battery", values.meter);
  return [
    new DatasourceVariableBuilder("datasource").label("Data source").type(datasource),
    // Meters of an installation without sites have no such tag, which the pattern for all matches as well.
    list(SITES, "Site", values.site).multi(true).includeAll(true).allValue(".*").current(everything),
    oneMeter ? meter : meter.multi(true).includeAll(true).allValue(".*").current(everything),
    new CustomVariableBuilder(READING_S)
      .label("Readings at least every")
      .description("The longest time between two readings of a battery. A longer time without one is a gap.")
      .values(
        Object.entries(READING_TIMES)
          .map(([text, seconds]) => `${text} : ${seconds}`)
          .join(", "),
      )
      .current({ text: "1 min", value: "60" }),
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

const READING_TIMES = { "30 s": 30, "1 min": 60, "2 min": 120, "5 min": 300, "10 min": 600, "30 min": 1800 };
