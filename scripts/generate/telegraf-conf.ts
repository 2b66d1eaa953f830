// Writes telegraf/*.conf from the vocabulary and from the table of settings that `bms-aggregator --check` judges by.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROWS_OF_A_DAY } from "../../aggregator/check/diagnosis.ts";
import { LISTENER_SETTINGS, OLDEST_TELEGRAF } from "../../aggregator/check/telegraf-settings.ts";
import { QUANTITIES, type Quantity } from "../../common/model/quantities.ts";
import { homeAssistant } from "./home-assistant.ts";

/** As in Telegraf's own samples: `## ` explains, `# ` is a setting to uncomment. */
type Section = readonly string[];

const OLDEST = `${OLDEST_TELEGRAF.major}.${OLDEST_TELEGRAF.minor}`;

/** Quantities that the original prints as whole numbers and that are floats here: `%i` cuts off what follows the point. */
const WHOLE_IN_BATTPACK = ["remain", "capacity", "percent"] as const satisfies readonly Quantity[];

export const SNIPPETS: Readonly<Record<string, string>> = {
  "battery.conf": snippet([
    [
      `## Takes readings from bms-aggregator as measurement battery. Needs Telegraf ${OLDEST} or newer.`,
      "##   1. Copy this file to /etc/telegraf/telegraf.d/, and telegraf.service.d/ beside it to /etc/systemd/system/.",
      "##   2. If Telegraf has no output yet, uncomment one below. Then systemctl daemon-reload, systemctl restart telegraf.",
      "##   3. bms-aggregator --check --output unix:///run/telegraf/bms.sock",
      "## A line with ## explains, a line with # is a setting to uncomment.",
    ],
    listener("unix:///run/telegraf/bms.sock", "battery"),
    [
      "## How long may the database be away? For each output Telegraf keeps metric_buffer_limit rows in memory (10000 if not",
      `## set), then drops the oldest. ${ROWS_OF_A_DAY} rows are a day of four batteries at 10 s; when full they take 230 MB, 6.6 kB`,
      "## each. They die with Telegraf. To keep them through a restart, let Telegraf buffer on disk instead, by these lines in",
      "## the [agent] table of /etc/telegraf/telegraf.conf. Telegraf calls that experimental. It writes every row at once, also",
      "## in calm, 1.6 kB each, which an SD card may not like; and an output whose settings change does not find its old rows.",
      "# [agent]",
      '#   buffer_strategy = "disk"',
      '#   buffer_directory = "/var/lib/telegraf/buffer"',
    ],
    [
      "## VictoriaMetrics: battery_volts, battery_amps, … with label meter. Start it with -dedup.minScrapeInterval=1ms: a reading",
      "## that had to be sent twice is then stored once.",
      ...setting("outputs.influxdb", [
        'urls = ["http://127.0.0.1:8428"]',
        "skip_database_creation = true",
        `metric_buffer_limit = ${ROWS_OF_A_DAY}`,
      ]),
    ],
    [
      "## InfluxDB 1.x: a reading that had to be sent twice is stored once.",
      ...setting("outputs.influxdb", [
        'urls = ["http://127.0.0.1:8086"]',
        'database = "telegraf"',
        `metric_buffer_limit = ${ROWS_OF_A_DAY}`,
      ]),
    ],
    [
      "## InfluxDB 2.x: as 1.x. The token is read from the environment (/etc/default/telegraf).",
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
      "## Prometheus: takes what is newest each time it asks, so readings in between and during an outage are not in it.",
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
      "## Takes readings from bms-aggregator as measurement battpack, in the types of tgalarneau/bms, so that years of history",
      `## and the dashboards made for it go on. Needs Telegraf ${OLDEST} or newer. Its socket is not battery.conf's: have either`,
      "## file, or both, and name each socket to the aggregator:",
      "##   bms-aggregator --output unix:///run/telegraf/battpack.sock",
      "## Outputs, buffers and the folder of the socket are described in battery.conf. The original's own listener (unixgram,",
      "## /tmp/telegraf.sock) may stay until the last of its scripts is gone.",
      "##",
      "## What differs from the original's rows, besides what is said below:",
      "## - A reading is one row with the moment of measurement, not up to seven rows with their moments of arrival.",
      "## - The protection bits ovp … cnf are right; the original reads the word from the wrong end.",
      "## - There are more columns: what the device reports beyond the original (volts2, full, cell17 …, uptime, …), and the",
      "##   agent's own (online, latency, polls, failures, …). An outage is a row with online = 0.",
    ],
    listener("unix:///run/telegraf/battpack.sock", "bms_battpack"),
    [
      "## A measurement name of its own until here, so that rows of the original's listener are left alone.",
      "[[processors.starlark]]",
      '  namepass = ["bms_battpack"]',
      "  source = '''",
      'load("math.star", "math")',
      "",
      "def apply(metric):",
      "    fields = metric.fields",
      "    ## The original stores these as integers without what follows the point, and InfluxDB refuses a row in which an",
      "    ## integer column becomes a float.",
      `    for name in [${WHOLE_IN_BATTPACK.map((name) => `"${name}"`).join(", ")}]:`,
      "        if name in fields:",
      "            fields[name] = int(fields[name])",
      "    ## The original stores watt-hours under this name.",
      '    if "kwh" in fields:',
      '        fields["kwh"] = math.round(fields["kwh"] * 1000000) / 1000',
      '    ## The original stores text here ("cell3"), its MQTT scripts a number, and a number is what we have.',
      '    for name in ["mincell", "maxcell"]:',
      "        fields.pop(name, None)",
      "    ## The original's last scripts say cellsmin, cellsmax. For their history, uncomment:",
      '    # for name, old in [("cellmin", "cellsmin"), ("cellmax", "cellsmax")]:',
      "    #     if name in fields:",
      "    #         fields[old] = fields.pop(name)",
      "    ## The original's MQTT scripts that send JSON store every number as a float. For their history, uncomment:",
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
