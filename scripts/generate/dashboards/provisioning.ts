import { Document } from "yaml";

/** Identifier of the data source that the alert rules query. */
export const PROMQL_SOURCE = "bms-promql";

function withComment(content: unknown, lines: readonly string[]): string {
  const document = new Document(content);
  document.commentBefore = lines.map((line) => ` ${line}`).join("\n");
  return document.toString({ lineWidth: 0 });
}

/** For Grafana's directory provisioning/datasources. */
export const datasources = () =>
  withComment(
    {
      apiVersion: 1,
      datasources: [
        {
          name: "VictoriaMetrics",
          uid: PROMQL_SOURCE,
          type: "prometheus",
          access: "proxy",
          url: "http://127.0.0.1:8428",
          jsonData: { timeInterval: "10s", httpMethod: "POST" },
        },
      ],
    },
    [
      "Data source of the dashboards and alert rules in PromQL. For Prometheus change the address to http://127.0.0.1:9090.",
      "For InfluxDB 1.x add a data source of type influxdb in Grafana: database telegraf, query language InfluxQL.",
    ],
  );

/** For Grafana's directory provisioning/dashboards. */
export const dashboardProvider = () =>
  withComment(
    {
      apiVersion: 1,
      providers: [
        {
          name: "batteries",
          folder: "Batteries",
          type: "file",
          allowUiUpdates: true,
          options: { path: "/usr/share/bms/dashboards/grafana/promql" },
        },
      ],
    },
    ["For InfluxDB change promql to influxql; for the measurement of tgalarneau/bms to battpack."],
  );

/** For Prometheus (`scrape_configs`) and VictoriaMetrics (`-promscrape.config`). */
export const scrapeViewer = () =>
  withComment(
    {
      scrape_configs: [
        {
          job_name: "bms-viewer",
          static_configs: [{ targets: ["127.0.0.1:8470"] }],
          metric_relabel_configs: [{ source_labels: ["__name__"], regex: "bms_.*", action: "keep" }],
        },
      ],
    },
    [
      "The viewer's own metrics, for the last section of the dashboard System. The meters' values come through Telegraf: taken",
      "from here as well, every battery would be there twice.",
    ],
  );
