import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Row } from "../../../simulator/csv-rows.ts";
import { type InfluxDb, startInfluxDb } from "./influxdb.ts";
import { ORIGINAL_TYPES, originalDocuments } from "./original.ts";
import { type Point, pointOfRow, sorted } from "./point.ts";
import { edgeRows } from "./rows.ts";
import { without } from "./server.ts";
import { snippet, uncommentStarlark } from "./snippet.ts";
import { AGENT, document, feed, startTelegraf, workFolder } from "./telegraf.ts";

const skip = without("influxd");
const ROWS = edgeRows(Date.now() - 3_600_000);

/** The listener of tgalarneau/bms with a stream socket, since Node cannot send datagrams. The parser is the same. */
const originalListener = (socket: string) => `
[[inputs.socket_listener]]
  service_address = "unix://${socket}"
  splitting_strategy = "null"
  name_override = "battpack"
  data_format = "csv"
  csv_header_row_count = 1
  csv_reset_mode = "always"
  csv_tag_columns = ["meter"]
`;

const influxOutput = ({ url }: InfluxDb) => `
[[outputs.influxdb]]
  urls = ["${url}"]
  database = "telegraf"
`;

/** Starts a Telegraf, sends it documents, stops it, and returns its log. */
async function run(
  t: TestContext,
  folder: string,
  configuration: string,
  socket: string,
  documents: readonly string[],
) {
  const telegraf = await startTelegraf(t, folder, AGENT + configuration);
  await feed(socket, documents);
  await telegraf.stop();
  return telegraf.stderr;
}

/** A database with a history that tgalarneau/bms has written. */
async function databaseOfOriginal(t: TestContext) {
  const folder = workFolder();
  const database = await startInfluxDb(t, { folder });
  const socket = join(folder, "original.sock");
  const documents = [
    ...originalDocuments({ volts: 53.12, percent: 70 }),
    ...originalDocuments({ volts: 53.28, percent: 71 }),
  ].map((text) => `${text}\0`);
  await run(t, folder, influxOutput(database) + originalListener(socket), socket, documents);
  const history = await database.points("battpack");
  assert.ok(history.length >= 2);
  assert.deepEqual(typesOf(history), ORIGINAL_TYPES);
  return { folder, database, history: sorted(history) };
}

function typesOf(points: readonly Point[]): Record<string, string> {
  return Object.fromEntries(
    points.flatMap(({ fields }) => Object.entries(fields).map(([name, value]) => [name, value.split(" ")[0] ?? ""])),
  );
}

/** The point that a database must hold for a row that went through battpack.conf. */
function asBattpack(row: Row): Point {
  const { mincell: _, maxcell: __, ...rest } = row;
  const point = pointOfRow("battpack", rest);
  const whole = ["remain", "capacity", "percent"].filter((name) => name in rest);
  return {
    ...point,
    fields: {
      ...point.fields,
      ...Object.fromEntries(whole.map((name) => [name, `int ${Math.trunc(Number(rest[name]))}`])),
      ...(rest.kwh !== undefined && { kwh: `float ${(Number(rest.kwh) * 1000).toFixed(3).replace(/\.?0+$/, "")}` }),
    },
  };
}

const errors = (log: readonly string[]) => log.filter((line) => / [EW]! .*(outputs|processors|inputs)\./.test(line));

test("battery.conf leaves the original's rows alone", { skip }, async (t) => {
  const { folder, database, history } = await databaseOfOriginal(t);
  const socket = join(folder, "bms.sock");
  const configuration = snippet("battery.conf", { replace: { "/run/telegraf/bms.sock": socket } });
  const documents = ROWS.map((row) => document(row));
  const log = await run(t, folder, influxOutput(database) + configuration, socket, documents);
  assert.deepEqual(errors(log), []);
  assert.deepEqual(sorted(await database.points("battpack")), history);
  const expected = ROWS.map((row) => pointOfRow("battery", row));
  assert.deepEqual(sorted(await database.points("battery")), sorted(expected));
});

test("battpack.conf continues the original's rows in their types, without a refused point", { skip }, async (t) => {
  const { folder, database, history } = await databaseOfOriginal(t);
  const socket = join(folder, "battpack.sock");
  const configuration = snippet("battpack.conf", { replace: { "/run/telegraf/battpack.sock": socket } });
  const documents = ROWS.map((row) => document(row));
  const log = await run(t, folder, influxOutput(database) + configuration, socket, documents);
  assert.deepEqual(errors(log), []);
  const expected = ROWS.map(asBattpack);
  assert.deepEqual(sorted(await database.points("battpack")), sorted([...history, ...expected]));
  for (const [name, type] of Object.entries(typesOf(expected))) assert.equal(type, ORIGINAL_TYPES[name] ?? type, name);
});

test("without the conversion of battpack.conf, InfluxDB refuses the rows", { skip }, async (t) => {
  const { folder, database, history } = await databaseOfOriginal(t);
  const socket = join(folder, "bms.sock");
  const configuration = snippet("battery.conf", {
    replace: { "/run/telegraf/bms.sock": socket, '"battery"': '"battpack"' },
  });
  const [row = {}] = ROWS;
  const log = await run(t, folder, influxOutput(database) + configuration, socket, [document(row)]);
  assert.match(errors(log).join("\n"), /field type conflict/);
  assert.deepEqual(sorted(await database.points("battpack")), history);
});

test("rows of the original's own listener pass battpack.conf unchanged", { skip }, async (t) => {
  const { folder, database, history } = await databaseOfOriginal(t);
  const original = join(folder, "original.sock");
  const configuration = snippet("battpack.conf", {
    replace: { "/run/telegraf/battpack.sock": join(folder, "b.sock") },
  });
  const documents = originalDocuments({ volts: 53.36, percent: 72 }).map((text) => `${text}\0`);
  const all = influxOutput(database) + configuration + originalListener(original);
  await run(t, folder, all, original, documents);
  const before = new Set(history.map((point) => JSON.stringify(point)));
  const added = sorted(await database.points("battpack")).filter((point) => !before.has(JSON.stringify(point)));
  assert.deepEqual(
    added.filter(({ fields }) => fields.kwh).map(({ fields }) => fields.kwh),
    ["float 185.042"],
  );
});

test("battpack.conf for a history with cellsmin and cellsmax", { skip }, async (t) => {
  const folder = workFolder();
  const database = await startInfluxDb(t, { folder });
  await database.write(`battpack,meter=bms cellsmin=3301i,cellsmax=3316i ${Date.now()}`);
  const socket = join(folder, "battpack.sock");
  const configuration = uncommentStarlark(
    snippet("battpack.conf", { replace: { "/run/telegraf/battpack.sock": socket } }),
    "The original's newest scripts use the names cellsmin and cellsmax. To continue their history, uncomment:",
  );
  const documents = ROWS.map((row) => document(row));
  const log = await run(t, folder, influxOutput(database) + configuration, socket, documents);
  assert.deepEqual(errors(log), []);
  const types = typesOf(await database.points("battpack"));
  assert.deepEqual(
    [types.cellsmin, types.cellsmax, types.cellmin, types.cellmax],
    ["int", "int", undefined, undefined],
  );
});

test("battpack.conf for the history of the original's scripts that send JSON: floats throughout", {
  skip,
}, async (t) => {
  const folder = workFolder();
  const database = await startInfluxDb(t, { folder });
  const names = Object.keys(ORIGINAL_TYPES);
  await database.write(`battpack,meter=bms ${names.map((name) => `${name}=1`).join(",")} ${Date.now()}`);
  const socket = join(folder, "battpack.sock");
  const configuration = uncommentStarlark(
    snippet("battpack.conf", { replace: { "/run/telegraf/battpack.sock": socket } }),
    "store every number as a float. To continue their history, uncomment:",
  );
  const documents = ROWS.map((row) => document(row));
  const log = await run(t, folder, influxOutput(database) + configuration, socket, documents);
  assert.deepEqual(errors(log), []);
  const points = await database.points("battpack");
  assert.equal(points.length, ROWS.length + 1);
  assert.deepEqual([...new Set(Object.values(typesOf(points)))], ["float"]);
});
