// Writes telegraf/*.conf from the vocabulary and from the table of settings that `bms-aggregator --check` uses.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROWS_OF_A_DAY } from "../../aggregator/check/diagnosis.ts";
import { LISTENER_SETTINGS, OLDEST_TELEGRAF } from "../../aggregator/check/telegraf-settings.ts";
import { QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import { homeAssistant } from "./home-assistant.ts";

/** Lines as in Telegraf's own samples: `## ` explains, `# ` is a setting to uncomment. */
type Section = readonly string[];

const OLDEST = `${OLDEST_TELEGRAF.major}.${OLDEST_TELEGRAF.minor}`;

/** Floats that the original prints as integers: its `%i` truncates them. */
const WHOLE_IN_BATTPACK = ["remain", "capacity", "percent"] as const satisfies readonly Quantity[];

export const SNIPPETS: Readonly<Record<string, string>> = {
  "battery.conf": snippet([
    [
      `## Receives readings from bms-aggregator as measurement battery. Needs Telegraf ${OLDEST} or newer.`,
      "##   1. Copy this file to /etc/telegraf/telegraf.d/, and the directory telegraf.service.d/ to /etc/systemd/system/.",
      "##   2. If Telegraf has no output yet, uncomment one below, for example the one to VictoriaMetrics:",
      "##      sudo sed -i '/^## VictoriaMetrics/,/^$/s/^# //' /etc/telegraf/telegraf.d/battery.conf",
      "##   3. Run systemctl daemon-reload and systemctl restart telegraf, and check it: bms-aggregator --check",
      "## Lines with ## explain; lines with # are settings to uncomment.",
    ],
    listener("unix:///run/telegraf/bms.sock", "battery"),
    [
      "## While the database is away, Telegraf keeps metric_buffer_limit rows in memory for each output (10000 by default)",
      `## and then drops the oldest. ${ROWS_OF_A_DAY} rows are a day of four batteries at 10 s; a full buffer takes 230 MB, 6.6 kB`,
      "## a row. A restart of Telegraf loses them. To keep them, let Telegraf buffer on disk: add these lines to the table",
      "## [agent] of /etc/telegraf/telegraf.conf. Telegraf calls this experimental. It writes every row at once, also in",
      "## normal operation, 1.6 kB each, which wears out SD cards. An output whose settings change does not find its old rows.",
      "# [agent]",
      '#   buffer_strategy = "disk"',
      '#   buffer_directory = "/var/lib/telegraf/buffer"',
    ],
    [
      "## Figures of Telegraf itself, for the dashboard System: rows that wait, were written, were dropped.",
      ...setting("inputs.internal", ["collect_memstats = false"]),
    ],
    [
      "## VictoriaMetrics: battery_volts, battery_amps, … with label meter. Start it with -dedup.minScrapeInterval=1ms, so that",
      "## a reading that was sent twice is stored once.",
      ...setting("outputs.influxdb", [
        'urls = ["http://127.0.0.1:8428"]',
        "skip_database_creation = true",
        `metric_buffer_limit = ${ROWS_OF_A_DAY}`,
      ]),
    ],
    [
      "## InfluxDB 1.x: a reading that was sent twice is stored once.",
      ...setting("outputs.influxdb", [
        'urls = ["http://127.0.0.1:8086"]',
        'database = "telegraf"',
        `metric_buffer_limit = ${ROWS_OF_A_DAY}`,
      ]),
    ],
    [
      "## InfluxDB 2.x: like 1.x. The token comes from the environment (/etc/default/telegraf).",
      ...setting("outputs.influxdb_v2", [
        'urls = ["http://127.0.0.1:8086"]',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of Telegraf's, not ours
        'token = "${INFLUX_TOKEN}"',
        'organization = "home"',
        'bucket = "telegraf"',
        `metric_buffer_limit = ${ROWS_OF_A_DAY}`,
      ]),
    ],
    [
      "## Prometheus: scrapes only the newest reading, so those in between and those of an outage are missing.",
      ...setting("outputs.prometheus_client", [
        'listen = "127.0.0.1:9273"',
        "metric_version = 2",
        "export_timestamp = true",
        'expiration_interval = "5m"',
        'collectors_exclude = ["gocollector", "process"]',
        'namepass = ["battery"]',
      ]),
    ],
    homeAssistant(QUANTITIES),
  ]),

  "battpack.conf": snippet([
    [
      "## Receives readings from bms-aggregator as measurement battpack, in the types of tgalarneau/bms, so that its history",
      `## and dashboards can be continued. Needs Telegraf ${OLDEST} or newer. Its socket differs from that of battery.conf: use`,
      "## either file, or both, and pass each socket to the aggregator:",
      "##   bms-aggregator --output unix:///run/telegraf/battpack.sock",
      "## battery.conf describes outputs, buffers and the directory of the socket. The original's own listener (unixgram,",
      "## /tmp/telegraf.sock) may stay until its last script is gone.",
      "##",
      "## Differences from the original's rows, besides those below:",
      "## - A reading is one row with the time of measurement, not up to seven rows with their times of arrival.",
      "## - The protection bits ovp … cnf are right; the original reads the word from the wrong end.",
      "## - There are more columns: further quantities of the device (volts2, full, cell17 …, uptime, …), and the agent's own",
      "##   (online, latency, polls, failures, …). During an outage there are rows with online = 0.",
    ],
    listener("unix:///run/telegraf/battpack.sock", "bms_battpack"),
    [
      "## Until here the rows have another measurement name, so that rows of the original's listener are not changed.",
      "[[processors.starlark]]",
      '  namepass = ["bms_battpack"]',
      "  source = '''",
      'load("math.star", "math")',
      "",
      "def apply(metric):",
      "    fields = metric.fields",
      "    ## The original truncates these to integers, and InfluxDB rejects a row in which an integer column becomes a",
      "    ## float.",
      `    for name in [${WHOLE_IN_BATTPACK.map((name) => `"${name}"`).join(", ")}]:`,
      "        if name in fields:",
      "            fields[name] = int(fields[name])",
      "    ## The original stores watt-hours under this name.",
      '    if "kwh" in fields:',
      '        fields["kwh"] = math.round(fields["kwh"] * 1000000) / 1000',
      '    ## The original stores text here ("cell3"), its MQTT scripts and bms a number.',
      '    for name in ["mincell", "maxcell"]:',
      "        fields.pop(name, None)",
      "    ## The original's newest scripts use the names cellsmin and cellsmax. To continue their history, uncomment:",
      '    # for name, old in [("cellmin", "cellsmin"), ("cellmax", "cellsmax")]:',
      "    #     if name in fields:",
      "    #         fields[old] = fields.pop(name)",
      "    ## The original's MQTT scripts that send JSON store every number as a float. To continue their history, uncomment:",
      "    # for name in fields.keys():",
      "    #     fields[name] = float(fields[name])",
      '    metric.name = "battpack"',
      "    return metric",
      "'''",
    ],
  ]),
};

function listener(address: string, measurement: string): Section {
  const lines: [name: string, value: unknown, about: string | undefined][] = [
    ["service_address", address, undefined],
    ["name_override", measurement, undefined],
    ...LISTENER_SETTINGS.filter(({ value }) => value !== undefined).map(
      ({ name, value, about }): [string, unknown, string | undefined] => [name, value, about],
    ),
  ];
  return [
    "[[inputs.socket_listener]]",
    ...lines.flatMap(([name, value, about]) => [
      ...(about ? [`  ## ${about}`] : []),
      `  ${name} = ${JSON.stringify(value)}`,
    ]),
  ];
}

/** A plugin to uncomment. */
function setting(plugin: string, lines: Section): Section {
  return [`# [[${plugin}]]`, ...lines.map((line) => `#   ${line}`)];
}

function snippet(sections: readonly Section[]): string {
  return `${sections.map((section) => section.join("\n")).join("\n\n")}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const folder = join(import.meta.dirname, "../../telegraf");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(SNIPPETS)) writeFileSync(join(folder, name), text);
}
