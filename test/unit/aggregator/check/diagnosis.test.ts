import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "smol-toml";
import { type Configuration, diagnose, parseVersion } from "../../../../aggregator/check/diagnosis.ts";
import { type Finding, formatFinding } from "../../../../aggregator/check/finding.ts";
import { LISTENER_SETTINGS } from "../../../../aggregator/check/telegraf-settings.ts";

const SOCKET = "/run/telegraf/bms.sock";
const BATTERY = readFileSync(join(import.meta.dirname, "../../../../telegraf/battery.conf"), "utf8");
const BATTPACK = readFileSync(join(import.meta.dirname, "../../../../telegraf/battpack.conf"), "utf8");
const OUTPUT = "[[outputs.influxdb]]\n  metric_buffer_limit = 34560\n";

function diagnosis(texts: readonly string[], rest: Partial<Configuration> = {}) {
  const files = texts.map((text, i) => ({ path: `${i}.conf`, content: parse(text) }));
  return diagnose({ files, complete: true, socket: SOCKET, settleMs: 30_000, ...rest });
}

const textOf = (finding: Finding | undefined) => (finding ? formatFinding(finding) : "");

/** The snippet with one line of its listener replaced. */
function changed(name: string, line: string): string {
  const without = BATTERY.split("\n").filter((there) => !there.startsWith(`  ${name} =`));
  return without.map((there) => (there === "[[inputs.socket_listener]]" ? `${there}\n  ${line}` : there)).join("\n");
}

test("the snippets with an output have no fault", () => {
  assert.deepEqual(diagnosis([OUTPUT, BATTERY]), []);
  assert.deepEqual(diagnosis([OUTPUT, BATTERY, BATTPACK]), []);
  assert.deepEqual(diagnosis([OUTPUT, BATTPACK], { socket: "/run/telegraf/battpack.sock" }), []);
});

/** [setting, its line in the file, text of the finding] */
const FAULTS: readonly [name: string, line: string, text: RegExp][] = [
  ["socket_mode", "", /socket_mode is not set: only Telegraf's own user .* Set socket_mode = "0660"/],
  ["socket_mode", 'socket_mode = "0644"', /socket_mode is "0644"/],
  ["splitting_strategy", "", /splitting_strategy is not set: .* Set splitting_strategy = "null"/],
  ["splitting_strategy", 'splitting_strategy = "newline"', /splitting_strategy is "newline"/],
  ["data_format", 'data_format = "influx"', /data_format is "influx": .* Set data_format = "csv"/],
  ["csv_header_row_count", "csv_header_row_count = 0", /csv_header_row_count is 0/],
  ["csv_reset_mode", "", /csv_reset_mode is not set: of all documents only the first .* Set csv_reset_mode = "always"/],
  ["csv_reset_mode", 'csv_reset_mode = "none"', /csv_reset_mode is "none"/],
  [
    "csv_tag_columns",
    'csv_tag_columns = ["name"]',
    /csv_tag_columns is \["name"\]: .* Set csv_tag_columns = \["meter","site"\]/,
  ],
  ["csv_timestamp_column", "", /csv_timestamp_column is not set: readings get the time at which Telegraf read them/],
  ["csv_timestamp_format", 'csv_timestamp_format = "unix"', /csv_timestamp_format is "unix"/],
  ["csv_column_names", 'csv_column_names = ["meter", "time"]', /csv_column_names is .* Remove csv_column_names/],
  ["csv_column_types", 'csv_column_types = ["float"]', /csv_column_types is .* by position/],
  ["csv_delimiter", 'csv_delimiter = ";"', /csv_delimiter is ";"/],
  ["csv_skip_rows", "csv_skip_rows = 1", /csv_skip_rows is 1/],
  ["csv_skip_columns", "csv_skip_columns = 2", /csv_skip_columns is 2/],
  ["csv_metadata_rows", "csv_metadata_rows = 1", /csv_metadata_rows is 1/],
  ["time_source", 'time_source = "collection_end"', /time_source is "collection_end"/],
  ["precision", 'precision = "1s"', /precision is "1s": the times of readings are rounded/],
  ["content_encoding", 'content_encoding = "gzip"', /content_encoding is "gzip"/],
  ["max_connections", "max_connections = 1", /max_connections is 1/],
  ["read_timeout", 'read_timeout = "30s"', /read_timeout is "30s"/],
  ["allowed_sources", 'allowed_sources = ["127.0.0.1"]', /allowed_sources is/],
  ["service_address", `service_address = "unixgram://${SOCKET}"`, /is a unixgram socket: .* "unix:\/\/\/run/],
];
for (const [name, line, text] of FAULTS) {
  test(`one fault: ${line || `no ${name}`}`, () => {
    const findings = diagnosis([OUTPUT, changed(name, line)]);
    assert.deepEqual([findings.length, findings[0]?.level], [1, "fault"]);
    assert.match(textOf(findings[0]), text);
    assert.ok(findings[0]?.message.startsWith("1.conf: "));
  });
}

test("every setting of the table is covered here", () => {
  const shown = FAULTS.map(([name]) => name);
  for (const { name } of LISTENER_SETTINGS) assert.ok(shown.includes(name), name);
});

for (const line of [
  'socket_mode = "0666"',
  'csv_tag_columns = ["meter", "site", "host"]',
  "csv_column_types = []",
  'csv_delimiter = ","',
  "csv_skip_rows = 0",
  'time_source = "metric"',
  'precision = "1ms"',
  'precision = "0s"',
  'content_encoding = "identity"',
  "max_connections = 0",
  "max_connections = 8",
  'read_timeout = "0s"',
]) {
  test(`no fault: ${line}`, () => {
    assert.deepEqual(diagnosis([OUTPUT, changed(line.split(" ")[0] as string, line)]), []);
  });
}

test("a site needs its tag", () => {
  const withoutTag = changed("csv_tag_columns", 'csv_tag_columns = ["meter"]');
  assert.deepEqual(diagnosis([OUTPUT, BATTERY], { site: "shed" }), []);
  const [finding, ...rest] = diagnosis([OUTPUT, withoutTag], { site: "shed" });
  assert.deepEqual([rest.length, finding?.level], [0, "fault"]);
  assert.match(textOf(finding), /^1\.conf: csv_tag_columns has no "site": the site shed becomes a text field/);
});

test("a missing tag is a note where no site is known, which names the files that were read", () => {
  for (const columns of ['["meter"]', '["meter", "host"]']) {
    const [finding, ...rest] = diagnosis([OUTPUT, changed("csv_tag_columns", `csv_tag_columns = ${columns}`)]);
    assert.deepEqual([rest.length, finding?.level], [0, "note"]);
    assert.match(
      textOf(finding),
      /common\.env and aggregator\.env have none\. Add "site" to csv_tag_columns if an agent/,
    );
  }
});

test("a listener elsewhere, or none, is reported with the listeners there are", () => {
  const [elsewhere] = diagnosis([OUTPUT, BATTPACK]);
  assert.equal(elsewhere?.level, "fault");
  assert.match(
    textOf(elsewhere),
    /no socket_listener for .*bms\.sock .* it has unix:\/\/\/run\/telegraf\/battpack\.sock/,
  );
  const [none] = diagnosis([OUTPUT]);
  assert.match(textOf(none), /it has no socket_listener at all/);
});

test("two listeners on one socket", () => {
  const [finding, ...rest] = diagnosis([OUTPUT, BATTERY, BATTERY]);
  assert.deepEqual(rest, []);
  assert.match(textOf(finding), /^2\.conf: a second socket_listener on .*bms\.sock/);
});

test("a missing table is a fault only if everything could be read", () => {
  assert.deepEqual(
    diagnosis(["[agent]"]).map(({ level }) => level),
    ["fault", "fault"],
  );
  assert.deepEqual(
    diagnosis(["[agent]"], { complete: false }).map(({ level }) => level),
    ["note", "note"],
  );
  assert.deepEqual(diagnosis([], { complete: false }), []);
});

for (const [about, agent, output, text] of [
  ["flush of the agent", 'flush_interval = "60s"', "", /writes every 60 s, .* 30 s after .* --settle 120/],
  ["flush of the output", "", 'flush_interval = "1m"', /writes every 60 s/],
  ["jitter counts", 'flush_jitter = "25s"', "", /writes every 35 s/],
  ["the output's own flush wins", 'flush_interval = "60s"', 'flush_interval = "10s"', undefined],
  ["an unknown duration is left to Telegraf", 'flush_interval = "soon"', "", undefined],
] as const) {
  test(`outputs: ${about}`, () => {
    const findings = diagnosis([`[agent]\n${agent}\n${OUTPUT}${output}`, BATTERY]);
    if (text) assert.match(textOf(findings[0]), text);
    assert.equal(findings.length, text ? 1 : 0);
  });
}

for (const [about, text, noted] of [
  ["Telegraf's default", "[[outputs.influxdb]]", /keeps 10000 rows \(four batteries at 10 s: 7 h\)/],
  ["the agent's limit", "[agent]\nmetric_buffer_limit = 40000\n[[outputs.influxdb]]", undefined],
  ["the disk", '[agent]\nbuffer_strategy = "disk"\n[[outputs.influxdb]]', undefined],
  ["an output without a database", "[[outputs.prometheus_client]]", undefined],
] as const) {
  test(`buffer: ${about}`, () => {
    const findings = diagnosis([text, BATTERY]);
    if (noted) assert.match(textOf(findings[0]), noted);
    assert.deepEqual(
      findings.map(({ level }) => level),
      noted ? ["note"] : [],
    );
  });
}

for (const [text, version] of [
  ["Telegraf 1.37.2\n", { major: 1, minor: 37 }],
  ["Telegraf 1.37.2 (git: HEAD@1234abcd)\n", { major: 1, minor: 37 }],
  ["Telegraf v1.20.0 (git: HEAD abc)", { major: 1, minor: 20 }],
  ["Telegraf 1.40.0-6cf8f3a3 (git: master@6cf8f3a3)", { major: 1, minor: 40 }],
  ["Telegraf unknown", undefined],
  ["command not found", undefined],
] as const) {
  test(`version of "${text.trim()}"`, () => assert.deepEqual(parseVersion(text), version));
}

test("an old Telegraf is a fault, whatever its configuration", () => {
  const old = diagnosis([OUTPUT, BATTERY], { version: { major: 1, minor: 32 } });
  assert.match(textOf(old[0]), /^Telegraf 1\.32 is too old: .* Install 1\.33 or newer/);
  assert.equal(old.length, 1);
  assert.equal(diagnosis([], { version: { major: 0, minor: 40 } }).length, 1);
  for (const version of [
    { major: 1, minor: 33 },
    { major: 2, minor: 0 },
  ]) {
    assert.deepEqual(diagnosis([OUTPUT, BATTERY], { version }), []);
  }
});
