import { BATTPACK_DASHBOARDS } from "./content/battpack.ts";
import { DASHBOARDS } from "./content/dashboards.ts";
import { grafanaDashboard } from "./grafana.ts";
import { BATTPACK, LANGUAGES } from "./languages.ts";
import { dashboardProvider, datasources, scrapeViewer } from "./provisioning.ts";
import { grafanaRules, prometheusRules } from "./rule-files.ts";
import { vmuiDashboard } from "./vmui.ts";

const json = (content: unknown) => `${JSON.stringify(content, undefined, 2)}\n`;

/** The content of every file below dashboards/, by its path there. */
export const FILES: ReadonlyMap<string, string> = new Map([
  ...LANGUAGES.flatMap((language) =>
    DASHBOARDS.map(
      (dashboard) =>
        [`grafana/${language.name}/${dashboard.name}.json`, json(grafanaDashboard(dashboard, language))] as const,
    ),
  ),
  ...BATTPACK_DASHBOARDS.map(
    (dashboard) => [`grafana/battpack/${dashboard.name}.json`, json(grafanaDashboard(dashboard, BATTPACK))] as const,
  ),
  ...DASHBOARDS.map((dashboard) => [`vmui/${dashboard.name}.json`, json(vmuiDashboard(dashboard))] as const),
  ["grafana/provisioning/datasources/batteries.yml", datasources()],
  ["grafana/provisioning/dashboards/batteries.yml", dashboardProvider()],
  ["grafana/provisioning/alerting/batteries.yml", grafanaRules()],
  ["rules/prometheus.yml", prometheusRules()],
  ["scrape/viewer.yml", scrapeViewer()],
]);
