// The alert rules in Prometheus' own test tool, and for real: vmalert evaluates them over VictoriaMetrics, Alertmanager sends
// the alerts to an HTTP receiver.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ALERT_RULES } from "../../../scripts/generate/dashboards/rules.ts";
import { startProcess } from "../../../simulator/program.ts";
import { freePort } from "../../support/free-port.ts";
import { startHttpReceiver } from "../../support/http-receiver.ts";
import { until } from "../../support/until.ts";
import { get, serverCommand, startServer, unpacked, without } from "../telegraf/server.ts";
import { workFolder } from "../telegraf/telegraf.ts";
import { atSite, RULE_COURSES } from "./rule-courses.ts";

const RULES = join(import.meta.dirname, "../../../dashboards/rules/prometheus.yml");

test("each rule has a course", () => {
  assert.deepEqual(
    RULE_COURSES.map(({ rule }) => rule),
    ALERT_RULES.map(({ name }) => name),
  );
});

test("promtool check rules", { skip: without("promtool") }, () => {
  const { command, env } = serverCommand("promtool");
  assert.match(execFileSync(command, ["check", "rules", RULES], { env, encoding: "utf8" }), /SUCCESS/);
});

test("promtool test rules: each rule fires once in its course, with its words, and ends, with and without a site", {
  skip: without("promtool"),
}, () => {
  const folder = workFolder();
  const file = join(folder, "tests.yml");
  writeFileSync(join(folder, "rules.yml"), readFileSync(RULES));
  writeFileSync(
    file,
    JSON.stringify({
      rule_files: ["rules.yml"],
      evaluation_interval: "30s",
      tests: RULE_COURSES.flatMap((course) => [course, atSite(course)]).map(
        ({ rule, series, firesAt, endedAt, labels, summary }) => {
          const severity = ALERT_RULES.find(({ name }) => name === rule)?.severity;
          const description = ALERT_RULES.find(({ name }) => name === rule)?.about;
          return {
            interval: "1m",
            input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
            alert_rule_test: [
              { eval_time: "3m", alertname: rule, exp_alerts: [] },
              {
                eval_time: `${firesAt}m`,
                alertname: rule,
                exp_alerts: [{ exp_labels: { ...labels, severity }, exp_annotations: { summary, description } }],
              },
              { eval_time: `${endedAt}m`, alertname: rule, exp_alerts: [] },
            ],
          };
        },
      ),
    }),
  );
  const { command, env } = serverCommand("promtool");
  const output = execFileSync(command, ["test", "rules", file], { env, encoding: "utf8", stdio: "pipe" });
  assert.match(output, /SUCCESS/);
});

test("vmalert and Alertmanager: each alert arrives once, and once more when it has ended", {
  skip: without("victoria-metrics", "vmalert", "prometheus-alertmanager"),
}, async (t) => {
  const folder = workFolder();
  const receiver = await startHttpReceiver(t);
  const database = await startDatabase(t, folder);
  await importSamples(database, wrongSamples(Date.now()));
  // Of two meters with one name.
  await importSamples(database, [Date.now(), { ovp: [[1.7, 1]] }], "boat");
  const manager = await startAlertmanager(t, folder, receiver.url);
  // Without the delays, which promtool has tested.
  const rules = join(folder, "rules.yml");
  const quick = readFileSync(RULES, "utf8")
    .replaceAll(/ +for: .*\n/g, "")
    .replace(/interval: .*/, "interval: 1s");
  writeFileSync(rules, quick);
  startServer(t, "vmalert", [
    `-rule=${rules}`,
    `-datasource.url=${database}`,
    `-notifier.url=${manager}`,
    `-httpListenAddr=127.0.0.1:${await freePort()}`,
    "-evaluationInterval=1s",
  ]);
  const arrived = () => receiver.received.flatMap(({ body }) => body.alerts as readonly Alert[]);
  const named = (status: Alert["status"]) =>
    arrived()
      .filter((alert) => alert.status === status)
      .map(({ labels: { alertname, site, meter } }) => [alertname, site, meter].filter(Boolean).join(" "))
      .sort();
  const expected = [
    "protection boat house",
    ...ALERT_RULES.map(({ name }) => (name === "telegraf" ? name : `${name} house`)),
  ].sort();
  await until("every alert has arrived", () => named("firing").length >= expected.length);
  await importSamples(database, rightSamples(Date.now()));
  await until("every end has arrived", () => named("resolved").length >= expected.length, 120_000);
  assert.deepEqual(named("firing"), expected);
  assert.deepEqual(named("resolved"), expected);
  const protections = arrived().filter(({ labels }) => labels.alertname === "protection");
  assert.deepEqual([...new Set(protections.map(({ annotations }) => annotations.summary))].sort(), [
    "boat/house: cell over-voltage protection acted",
    "house: cell over-voltage protection acted",
  ]);
});

interface Alert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

async function startDatabase(t: TestContext, folder: string): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  startServer(t, "victoria-metrics", [
    `-httpListenAddr=${new URL(url).host}`,
    `-storageDataPath=${join(folder, "victoria-metrics")}`,
    // By default samples of the last 30 s are not seen.
    "-search.latencyOffset=0s",
  ]);
  await until("VictoriaMetrics answers", () => get(`${url}/health`));
  return url;
}

async function startAlertmanager(t: TestContext, folder: string, webhook: string): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const file = join(folder, "alertmanager.yml");
  writeFileSync(
    file,
    JSON.stringify({
      route: { receiver: "phone", group_by: ["..."], group_wait: "0s", group_interval: "1s", repeat_interval: "4h" },
      receivers: [{ name: "phone", webhook_configs: [{ url: `${webhook}/`, send_resolved: true }] }],
    }),
  );
  // Debian's program reads its templates from /usr/share, and its package is unpacked elsewhere: the process sees them there.
  const { command } = serverCommand("prometheus-alertmanager");
  const templates = unpacked("usr/share/prometheus");
  const script = 'mount -t tmpfs tmpfs /usr/share && ln -s "$1" /usr/share/prometheus && shift && exec "$@"';
  const server = startProcess("unshare", [
    ...["--mount", "sh", "-c", script, "sh", templates, command],
    `--config.file=${file}`,
    `--storage.path=${join(folder, "alertmanager")}`,
    `--web.listen-address=${new URL(url).host}`,
    "--cluster.listen-address=",
  ]);
  t.after(() => server.stop("SIGKILL"));
  await until("Alertmanager answers", () => get(`${url}/-/ready`));
  return url;
}

/** Values of the meter `house` by quantity and age in minutes. */
type Samples = Readonly<Record<string, readonly (readonly [minutesAgo: number, value: number])[]>>;

const steady = (value: number, minutes: number): [number, number][] =>
  Array.from({ length: minutes * 2 }, (_, i) => [minutes - i / 2, value]);

/** Every rule finds something wrong: above all, the last measurement is twelve minutes old. */
function wrongSamples(now: number) {
  return [
    now,
    {
      ovp: [[1.7, 1]],
      alow: [[1, 1]],
      percent: [[1, 12]],
      cell3: [[1, 2411]],
      cell4: [[1, 4300]],
      delta: [[1, 1889]],
      temp1: [[1, -4]],
      online: [[12, 1]],
      volts: steady(13.2, 10),
      amps: steady(4, 10),
      backlog: Array.from({ length: 60 }, (_, i) => [60 - i, 200 + i * 60]),
    },
  ] as const satisfies readonly [number, Samples];
}

function rightSamples(now: number) {
  const values = {
    ovp: 0,
    alow: 0,
    percent: 80,
    cell3: 3300,
    cell4: 3301,
    delta: 1,
    temp1: 20,
    online: 1,
    volts: 13.3,
    amps: 4,
    backlog: 0,
  };
  const samples: Samples = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [[0, value]]]));
  return [now, samples] as const;
}

async function importSamples(url: string, [now, samples]: readonly [number, Samples], site?: string): Promise<void> {
  const labels = `meter="house"${site ? `,site="${site}"` : ""}`;
  const lines = Object.entries(samples).flatMap(([name, points]) =>
    points.map(([minutes, value]) => `battery_${name}{${labels}} ${value} ${now - minutes * 60_000}`),
  );
  await get(`${url}/api/v1/import/prometheus`, { method: "POST", body: lines.join("\n") });
}
