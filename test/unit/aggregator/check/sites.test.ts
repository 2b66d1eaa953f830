import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "smol-toml";
import { diagnose } from "../../../../aggregator/check/diagnosis.ts";
import { formatFinding } from "../../../../aggregator/check/finding.ts";
import { parseNatsServer } from "../../../../aggregator/check/nats-server.ts";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../../../..", path), "utf8");
const SITE = read("telegraf/site.conf");
const CENTRE = read("telegraf/centre.conf");
const NATS_SITE = read("nats/site.conf");
const BATTERY = read("telegraf/battery.conf");

/** Findings about a Telegraf with these files, `level: text`. */
function findings(texts: readonly string[], { nats = NATS_SITE, settleMs = 30_000 } = {}): string[] {
  const files = texts.map((text, i) => ({ path: `${i}.conf`, content: parse(text) }));
  const natsServer = parseNatsServer("/etc/nats-server.conf", nats);
  return diagnose({ files, complete: true, settleMs, natsServer }).map(
    (finding) => `${finding.level}: ${formatFinding(finding)}`,
  );
}

/** A text in which another one must occur, and is replaced. */
function replaced(text: string, from: string, to: string): string {
  assert.ok(text.includes(from), from);
  return text.replace(from, to);
}

test("the files of the repository have no fault", () => {
  assert.deepEqual(findings([BATTERY, SITE]), []);
  assert.deepEqual(findings([CENTRE]), []);
});

/** [about, text that is replaced in telegraf/site.conf, its replacement, the only finding] */
const AT_THE_SITE: readonly [about: string, from: string, to: string, finding: RegExp][] = [
  ["no stream", "[outputs.nats.jetstream]", "[outputs.nats.other]", /^fault: 0\.conf: outputs\.nats has no stream/],
  [
    "a stream in memory",
    'storage = "file"',
    'storage = "memory"',
    /^fault: .* is in memory: .* Set storage = "file"\.$/,
  ],
  ["another retention", 'retention = "limits"', 'retention = "workqueue"', /^note: .* forgets what was fetched/],
  [
    "batches",
    'data_format = "influx"',
    "use_batch_format = true",
    /^fault: .* as one message: .* Remove use_batch_format\.$/,
  ],
  ["a short age", '"720h"', '"24h"', /^note: 0\.conf: max_age of the stream keeps the readings for 1\.0 days: /],
  [
    "few bytes",
    "1073741824",
    "10000000",
    /^note: .* max_bytes of the stream keeps the readings of ten batteries at 10 s for 12 h/,
  ],
  ["few messages", 'max_age = "720h"', "max_msgs = 100000", /^note: .* max_msgs of the stream .* for 1\.2 days/],
];
for (const [about, from, to, finding] of AT_THE_SITE) {
  test(`at a site: ${about}`, () => {
    const [found, ...rest] = findings([replaced(SITE, from, to)]);
    assert.match(found ?? "", finding);
    assert.deepEqual(rest, []);
  });
}

test("without compression a stream holds less, and a limit that is absent or 0 is none", () => {
  const bytes = (count: number, compression = "") =>
    findings([replaced(replaced(SITE, "1073741824", `${count}`), 'compression = "s2"', compression)]);
  const week = 7 * 86_400;
  assert.deepEqual(bytes(week * 610), []);
  assert.equal(bytes(week * 610 - 1).length, 1);
  assert.deepEqual(bytes(week * 240, 'compression = "s2"'), []);
  assert.deepEqual(bytes(0), []);
  assert.deepEqual(findings([replaced(SITE, 'max_age = "720h"', "")]), []);
});

test("at a site: a buffer in memory is a note", () => {
  const [found, ...rest] = findings([replaced(SITE, 'buffer_strategy = "disk"', "metric_buffer_limit = 50000")]);
  assert.match(found ?? "", /^note: 0\.conf: a kill of Telegraf while nats-server is away loses all rows/);
  assert.deepEqual(rest, []);
});

const SYNC = "sync_interval: always";
/** [about, text of the setting, --settle in s, the only finding or none] */
const POWER_CUTS: readonly [about: string, sync: string, settleS: number, finding: RegExp | undefined][] = [
  ["each reading is synced", SYNC, 30, undefined],
  ["the default of two minutes", "", 30, /^fault: .*up to 120 s after .* stored 30 s after .* --settle 150\.$/],
  ["a commented setting", "# sync_interval: always", 30, /up to 120 s after/],
  ["the default and a long settle", "", 131, undefined],
  ["the default and a settle of just as long", "", 130, /--settle 150/],
  ["a time in quotes", 'sync_interval: "10s"', 21, undefined],
  ["a time in quotes and a short settle", 'sync_interval = "10s"', 20, /up to 10 s after/],
  ["a time without quotes", "sync_interval: 2m", 3_600, /^fault: .* never syncs .* put the time into quotes\.$/],
];
for (const [about, sync, settleS, finding] of POWER_CUTS) {
  test(`a power cut at a site: ${about}`, () => {
    const found = findings([SITE], { nats: replaced(NATS_SITE, SYNC, sync), settleMs: settleS * 1000 });
    assert.equal(found.length, finding ? 1 : 0, found.join());
    if (finding) assert.match(found[0] ?? "", finding);
  });
}

test("streams below /tmp, or wherever nats-server puts them", () => {
  for (const setting of ["", 'store_dir: "/tmp/nats"', "store_dir=/tmp"]) {
    const [found, ...rest] = findings([SITE], { nats: replaced(NATS_SITE, 'store_dir: "/var/lib/nats"', setting) });
    assert.match(found ?? "", /^fault: \/etc\/nats-server\.conf: .* below \/tmp/);
    assert.deepEqual(rest, []);
  }
});

test("nats-server counts only where Telegraf publishes to it", () => {
  assert.deepEqual(findings(["[[outputs.discard]]\n"], { nats: "" }), []);
});

const AT_THE_CENTRE: readonly [about: string, from: string, to: string, finding: RegExp][] = [
  ["no stream", 'jetstream_subjects = ["battery.*"]', "", /^fault: 0\.conf: inputs\.nats_consumer reads no stream/],
  [
    "more messages than the buffer holds",
    "max_undelivered_messages = 1000",
    "max_undelivered_messages = 34561",
    /^fault: .* takes 34561 messages at once, and outputs\.influxdb holds 34560: .* = 34560 or less\.$/,
  ],
  [
    "fewer messages than a batch",
    "max_undelivered_messages = 1000",
    "max_undelivered_messages = 999",
    /^note: .* one load is read per flush_interval\. Set max_undelivered_messages = 1000\.$/,
  ],
  [
    "vmagent",
    "http://127.0.0.1:8428",
    "http://127.0.0.1:8429",
    /^fault: .* http:\/\/127\.0\.0\.1:8429, the port of vmagent, .* Write to the database itself\.$/,
  ],
];
for (const [about, from, to, finding] of AT_THE_CENTRE) {
  test(`at the centre: ${about}`, () => {
    const [found, ...rest] = findings([replaced(CENTRE, from, to)]);
    assert.match(found ?? "", finding);
    assert.deepEqual(rest, []);
  });
}

test("the straight way to a remote database has no fault", () => {
  const page = read("docs/many-sites.md");
  const [, remote = ""] = /```toml\n( *\[agent\][^`]*)```/.exec(page) ?? [];
  assert.ok(remote.includes("https://"));
  assert.deepEqual(findings([BATTERY, remote]), []);
});
