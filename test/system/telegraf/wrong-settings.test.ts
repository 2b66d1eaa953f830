import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { LISTENER_SETTINGS } from "../../../aggregator/check/telegraf-settings.ts";
import { check, listener } from "./check.ts";
import { type Point, pointOfRow, sorted } from "./point.ts";
import { edgeRows } from "./rows.ts";
import { AGENT, document, feed, fileOutput, pointsIn, startTelegraf, workFolder } from "./telegraf.ts";

/** Three rows with two sets of columns, at times with milliseconds. */
const [FIRST = {}, , SECOND = {}, THIRD = {}] = edgeRows(Date.parse("2026-03-01T00:00:00.123Z"));
const ROWS = [FIRST, SECOND, THIRD];

/** Consequence of a wrong setting: the difference between stored and sent rows. */
type Damage = "nothing is stored" | "rows are lost" | "values are wrong" | "times are wrong" | "connections fail";

function damage(stored: readonly Point[], measurement: string): Damage | "none" {
  const sent = ROWS.map((row) => pointOfRow(measurement, row));
  if (stored.length === 0) return "nothing is stored";
  const text = (points: readonly Point[]) => sorted(points).map((point) => JSON.stringify(point));
  const untimed = (points: readonly Point[]) => points.map((point) => ({ ...point, time: 0 }));
  const isSubset = (some: readonly string[], all: readonly string[]) => some.every((one) => all.includes(one));
  if (!isSubset(text(untimed(stored)), text(untimed(sent)))) return "values are wrong";
  if (!isSubset(text(stored), text(sent))) return "times are wrong";
  return stored.length < sent.length ? "rows are lost" : "none";
}

/** A wrong line for each setting (undefined: the line is missing), and its consequence. */
const WRONG: readonly [name: string, line: string | undefined, damage: Damage][] = [
  ["splitting_strategy", undefined, "nothing is stored"],
  ["csv_header_row_count", "csv_header_row_count = 2", "nothing is stored"],
  ["csv_reset_mode", undefined, "rows are lost"],
  ["csv_reset_mode", "csv_skip_errors = true", "values are wrong"],
  ["csv_tag_columns", undefined, "values are wrong"],
  ["csv_timestamp_column", undefined, "values are wrong"],
  ["csv_timestamp_format", undefined, "nothing is stored"],
  ["csv_timestamp_format", 'csv_timestamp_format = "unix"', "times are wrong"],
  ["csv_column_names", 'csv_column_names = ["meter", "time", "volts", "amps"]', "values are wrong"],
  ["csv_column_types", 'csv_column_types = ["string", "int", "float"]', "nothing is stored"],
  ["csv_delimiter", 'csv_delimiter = ";"', "nothing is stored"],
  ["csv_skip_rows", "csv_skip_rows = 1", "nothing is stored"],
  ["csv_skip_columns", "csv_skip_columns = 2", "nothing is stored"],
  ["csv_metadata_rows", 'csv_metadata_rows = 1\n  csv_metadata_separators = [":"]', "nothing is stored"],
  ["time_source", 'time_source = "collection_end"', "times are wrong"],
  ["precision", 'precision = "1s"', "times are wrong"],
  ["content_encoding", 'content_encoding = "gzip"', "nothing is stored"],
  ["max_connections", "max_connections = 1", "rows are lost"],
  ["allowed_sources", 'allowed_sources = ["127.0.0.1"]', "nothing is stored"],
  ["service_address", 'service_address = "unixgram://SOCKET"', "connections fail"],
];

/** Settings with tests of their own in wrong-setup.test.ts. */
const SHOWN_ALONE = ["socket_mode", "read_timeout", "data_format"];

test("every setting that --check examines has a wrong line here", () => {
  const shown = [...WRONG.map(([name]) => name), ...SHOWN_ALONE];
  for (const { name } of LISTENER_SETTINGS) assert.ok(shown.includes(name), name);
});

test("each wrong setting has its consequence in a real Telegraf, and --check names it", async (t) => {
  const folder = workFolder();
  const out = join(folder, "out.lp");
  const cases = [["none", undefined, "none"] as const, ...WRONG].map(([name, line, expected], i) => {
    const socket = join(folder, `${i}.sock`);
    const measurement = `case${i}`;
    const text = listener(socket, measurement, name, line?.replace("SOCKET", socket));
    return { name, line, expected, socket, measurement, text };
  });
  // Some settings make Telegraf withhold rows until the connection ends, so both connections end.
  const telegraf = await startTelegraf(t, folder, AGENT + fileOutput(out) + cases.map(({ text }) => text).join(""));
  const refused = new Set<string>();
  await Promise.all(
    cases.map(async ({ socket, measurement }) => {
      try {
        await feedTwo(socket, [document(FIRST), document(SECOND)], [document(THIRD)]);
      } catch {
        refused.add(measurement);
      }
    }),
  );
  const checked = await Promise.all(cases.map(({ socket, text }) => check(socket, AGENT + fileOutput(out) + text)));
  await telegraf.stop();
  const stored = existsSync(out) ? pointsIn(out) : [];
  for (const [i, { name, line, expected, measurement }] of cases.entries()) {
    const about = `${name}: ${line ?? "not set"}`;
    const own = stored.filter((point) => point.measurement === measurement);
    assert.equal(refused.has(measurement) ? "connections fail" : damage(own, measurement), expected, about);
    const { code, faults } = checked[i] ?? { code: undefined, faults: [] };
    if (expected === "none") {
      assert.deepEqual({ code, faults }, { code: 0, faults: [] });
    } else {
      assert.deepEqual([code, faults.length], [1, 1], faults.join("\n"));
      assert.match(faults[0] ?? "", new RegExp(`checked\\.conf: ${name} `));
    }
  }
});

/** Sends documents over one connection, and further ones over a second while the first is open. */
async function feedTwo(socket: string, first: readonly string[], second: readonly string[]): Promise<void> {
  const connection = connect(socket);
  const closed = new Promise<void>((resolve, reject) => {
    connection.on("error", (error: NodeJS.ErrnoException) => (isClosedEarly(error) ? resolve() : reject(error)));
    connection.on("close", () => resolve());
  });
  connection.resume();
  connection.write(first.join(""));
  const other = feed(socket, second).catch((error: NodeJS.ErrnoException) => {
    if (!isClosedEarly(error)) throw error;
  });
  await Promise.race([other, closed]);
  connection.end();
  await Promise.all([other, closed]);
}

/** Telegraf closed an unwanted connection before it had read everything. */
const isClosedEarly = ({ code }: NodeJS.ErrnoException) => code === "EPIPE" || code === "ECONNRESET";
