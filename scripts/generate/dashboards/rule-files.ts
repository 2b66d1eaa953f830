import { Document, stringify } from "yaml";
import { PROMQL_SOURCE } from "./provisioning.ts";
import { ALERT_RULES, type AlertRule } from "./rules.ts";

/** Name of the group of rules, and of the folder in Grafana. */
const GROUP = "Batteries";
/** Time between two evaluations. */
const INTERVAL = "30s";

const header = (lines: readonly string[]) => lines.map((line) => ` ${line}`).join("\n");

/** For vmalert (`-rule`) and Prometheus (`rule_files`). */
export function prometheusRules(): string {
  const document = new Document({
    groups: [
      {
        name: GROUP,
        interval: INTERVAL,
        rules: ALERT_RULES.map(({ name, severity, about, expr, forS, text }) => ({
          alert: name,
          expr,
          ...(forS > 0 && { for: `${forS}s` }),
          labels: { severity },
          annotations: { summary: text, description: about },
        })),
      },
    ],
  });
  document.commentBefore = header([
    "Alert rules for vmalert and Prometheus, with the names, limits and words of alerts.toml. The limits of cells are those",
    "that hold for LFP and NMC alike: for LFP write 2.8 and 3.65, for NMC 3.0 and 4.23.",
  ]);
  return document.toString({ lineWidth: 0 });
}

/** For Grafana's directory provisioning/alerting. */
export function grafanaRules(): string {
  const group = { orgId: 1, name: GROUP, folder: GROUP, interval: INTERVAL, rules: ALERT_RULES.map(grafanaRule) };
  return stringify({ apiVersion: 1, groups: [group] }, { lineWidth: 0 });
}

/** A comparison has dropped every series that is right, so that each one left is an alert, also with a value of 0. */
const ANY_SERIES = { type: "math", expression: "$A * 0 + 1" };

function grafanaRule({ name, severity, about, expr, forS, text }: AlertRule) {
  const relativeTimeRange = { from: 600, to: 0 };
  return {
    uid: `bms-${name}`,
    title: name,
    condition: "B",
    data: [
      { refId: "A", relativeTimeRange, datasourceUid: PROMQL_SOURCE, model: { refId: "A", expr, instant: true } },
      { refId: "B", relativeTimeRange, datasourceUid: "__expr__", model: { refId: "B", ...ANY_SERIES } },
    ],
    for: `${forS}s`,
    noDataState: "OK",
    execErrState: "Error",
    labels: { severity },
    annotations: { summary: text.replaceAll("$value", "$values.A.Value"), description: about },
  };
}
