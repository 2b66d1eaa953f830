// Makes the pictures of docs/dashboards.md: vmui of a current VictoriaMetrics, and each Grafana dashboard drawn by Grafana's own
// components with what its own queries return. The databases are filled with the suite's simulated week.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { placeOf } from "../../../../common/model/site.ts";
import type { Rhythm } from "../../../../simulator/pack.ts";
import { until } from "../../../support/until.ts";
import { openBrowser } from "../../page/browser.ts";
import { workFolder } from "../../telegraf/telegraf.ts";
import { accounts, truthOf } from "../expected.ts";
import { fillDatabases } from "../filled-databases.ts";
import { type SimulatedWeek, simulateWeek } from "../simulated-week.ts";
import { bundleGrafana, drawDashboard, openGrafana } from "./grafana-page.ts";
import type { Held } from "./question.ts";
import { openVmui } from "./vmui.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const FOLDER = join(ROOT, "docs/pictures/dashboards");
/** All pictures as they were taken, for looking at. */
const TAKEN = join(ROOT, ".cache/pictures");
const MAX_BYTES = 180_000;
const HOUR_MS = 3_600_000;
/** The van is polled once a minute. */
const READING_S = 120;

/** The week has days of two months. */
const WEEK_ENDS = Date.UTC(2026, 6, 4);
/** Hours of the week at which the dashboards are looked at: after a protection and an outage, and near the end. */
const EVENTFUL = 105;
const EVENING = 164;
const VAN: Rhythm = { periodMs: 24 * HOUR_MS, swing: 0.05 };

interface Taken {
  /** Generated file. */
  readonly file: string;
  readonly hour: number;
  /** The battery and the site that are chosen, where they are. */
  readonly meter?: string;
  readonly site?: string;
  /** Name of the picture in the docs. */
  readonly picture?: string;
  /** The first section that is not on the picture. */
  readonly end?: string;
}

const GRAFANA: readonly Taken[] = [
  { file: "promql/sites", hour: EVENING, picture: "grafana-sites" },
  { file: "promql/house", hour: EVENTFUL, site: "", picture: "grafana-house" },
  { file: "promql/energy", hour: EVENING, site: "", picture: "grafana-energy", end: "Months" },
  { file: "promql/pack", hour: EVENTFUL, meter: "van", site: "", picture: "grafana-pack", end: "Temperatures" },
  {
    file: "promql/battery-monitor",
    hour: EVENING,
    meter: "solar",
    site: "",
    picture: "grafana-battery-monitor",
    end: "Of some devices: solar, converters, AC",
  },
  {
    file: "promql/system",
    hour: EVENTFUL,
    site: "",
    picture: "grafana-system",
    end: "Telegraf, where its input internal is on",
  },
  { file: "influxql/sites", hour: EVENING },
  { file: "influxql/house", hour: EVENTFUL },
  { file: "influxql/energy", hour: EVENING },
  { file: "influxql/pack", hour: EVENTFUL, meter: "house", site: "boat" },
  { file: "influxql/battery-monitor", hour: EVENING, meter: "solar", site: "" },
  { file: "influxql/system", hour: EVENTFUL },
];

const VMUI = [{ title: "Battery: House", picture: "vmui-house" }] as const;

test("pictures of the dashboards", async (t) => {
  const week = await simulateWeek(WEEK_ENDS, VAN);
  // The last hours have not come yet.
  const readings = week.readings.filter(({ takenAt }) => takenAt <= week.startMs + EVENING * HOUR_MS);
  const at = (hour: number) => week.startMs + hour * HOUR_MS;
  const databases = await fillDatabases(t, readings, {
    args: [
      `-vmui.customDashboardsPath=${join(ROOT, "dashboards/vmui")}`,
      "-search.maxPointsSubqueryPerTimeseries=600000",
    ],
    isAsked: ["victoriaMetrics"],
  });
  const bundle = await bundleGrafana(workFolder());
  const browser = await openBrowser(t);
  for (const folder of [FOLDER, TAKEN]) mkdirSync(folder, { recursive: true });
  for (const { title, picture } of VMUI) {
    const page = await openVmui(browser, databases.victoriaMetrics, { title, nowMs: at(EVENTFUL) });
    await save(page, await page.screenshot({ path: join(TAKEN, `${picture}.png`) }), picture);
    await page.close();
  }
  for (const { file, hour, meter = ".*", site = ".*", picture, end } of GRAFANA) {
    const page = await browser.newPage({ viewport: { width: 1288, height: 900 } });
    page.on("pageerror", (error) => assert.fail(`${file}: ${error.message}`));
    await openGrafana(page, bundle, databases, { nowMs: at(hour), readingS: READING_S, meter, site });
    const dashboard = JSON.parse(readFileSync(join(ROOT, `dashboards/grafana/${file}.json`), "utf8"));
    const held = await drawDashboard(page, dashboard, {
      nowMs: at(hour),
      from: dashboard.time.from,
      readingS: READING_S,
    });
    if (file === "influxql/energy") checkMonths(held, week);
    t.diagnostic(`${file}: without data: ${withoutData(held).join(", ")}`);
    const drawn = page.locator("#dashboard");
    await until(`${file} is drawn`, async () => (await drawn.count()) === 1);
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    const all = await drawn.screenshot({ path: join(TAKEN, `${file.replace("/", "-")}.png`) });
    const below = end && (await page.locator(`[data-title="${end}"]`).boundingBox())?.y;
    if (picture) {
      await save(
        page,
        below ? await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: 1280, height: below } }) : all,
        picture,
      );
    }
    await page.close();
  }
});

/** The table that Grafana's transformations make of days holds what the batteries' own account says of each month. */
function checkMonths(held: readonly Held[], week: SimulatedWeek): void {
  const fields = held.find(({ title }) => title === "Energy per month")?.fields ?? [];
  const [months] = fields;
  assert.deepEqual([...(months?.values ?? [])].sort(), ["2026-06", "2026-07"]);
  const view = { fromMs: week.startMs, toMs: week.startMs + EVENING * HOUR_MS, stepS: 0, readingS: READING_S };
  const own = new Map<string, number>();
  for (const { meter, at, inKwh, outKwh } of accounts(truthOf(week), view, 4 * HOUR_MS)) {
    const month = new Date(at).toISOString().slice(0, 7);
    for (const [direction, kwh] of [
      ["in", inKwh],
      ["out", outKwh],
    ] as const) {
      const key = `${meter} ${direction} ${month}`;
      own.set(key, (own.get(key) ?? 0) + kwh);
    }
  }
  for (const [key, kwh] of own) {
    const [meter = "", direction, month] = key.split(" ");
    const row = months?.values.indexOf(month) ?? -1;
    const place = placeOf(meter);
    const shown = `${place.site ?? ""} ${place.meter} ${direction}`;
    const value = Number(fields.find(({ name }) => name === shown)?.values[row] ?? 0);
    assert.ok(Math.abs(value - kwh) <= Math.max(0.01 * kwh, 0.02), `${key}: ${value} instead of ${kwh}`);
  }
}

const withoutData = (held: readonly Held[]) =>
  held
    .filter(({ type, fields }) => type !== "row" && fields.every(({ values }) => values.length === 0))
    .map(({ title }) => title);

/** Runs in the browser, which encodes better than a library would that is only needed here. */
const TO_WEBP = `async (png) => {
  const image = await createImageBitmap(await (await fetch(png)).blob());
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.8);
}`;

async function save(page: Page, png: Buffer, picture: string): Promise<void> {
  const webp = await page.evaluate<string>(`(${TO_WEBP})("data:image/png;base64,${png.toString("base64")}")`);
  const bytes = Buffer.from(webp.split(",")[1] ?? "", "base64");
  assert.ok(bytes.length <= MAX_BYTES, `${picture} has ${bytes.length} bytes: more than ${MAX_BYTES}`);
  writeFileSync(join(FOLDER, `${picture}.webp`), bytes);
}
