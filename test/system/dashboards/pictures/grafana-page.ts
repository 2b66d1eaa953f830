import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { type Answer, influxqlAnswers, promqlAnswers } from "../ask.ts";
import type { Databases } from "../filled-databases.ts";
import type { Held, Question, Times } from "./question.ts";

const SOURCE = join(import.meta.dirname, "grafana");

const ICONS = join(SOURCE, "node_modules/@grafana/ui/dist/public/img/icons");
const ADDRESS = "http://grafana.invalid";

const STYLE = `
body { margin: 0; background: #111217; font-family: Inter, sans-serif; }
.row { padding: 8px; font-size: 16px; font-weight: 500; color: #ccccdc; }
.empty { height: 100%; display: flex; align-items: center; justify-content: center; color: #8e8e99; }
.states { position: relative; display: flex; flex-direction: column; overflow: hidden; }
.state { position: relative; flex: 1; min-height: 0; display: flex; align-items: center; }
.state .name { color: #ccccdc; font-size: 11px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.state i { position: absolute; top: 10%; bottom: 10%; display: flex; align-items: center; justify-content: center;
  color: #111217; font-size: 12px; font-style: normal; }
.rows { width: 100%; border-collapse: collapse; color: #ccccdc; font-size: 14px; }
.rows th, .rows td { padding: 6px 8px; text-align: left; border-bottom: 1px solid #2c2d33; }
.rows th { color: #6e9fff; font-weight: 500; }
`;

/** Script and style sheet that draw a dashboard with Grafana's own packages, which test/system/dashboards/run has installed. */
export async function bundleGrafana(folder: string): Promise<{ readonly script: string; readonly style: string }> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(SOURCE, "main.tsx")],
    bundle: true,
    minify: true,
    jsx: "automatic",
    outfile: join(folder, "grafana.js"),
    loader: { ".svg": "dataurl", ".woff2": "empty", ".ttf": "empty" },
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    logLevel: "error",
  });
  return { script: join(folder, "grafana.js"), style: join(folder, "grafana.css") };
}

/** Prepares a page that asks the databases itself. */
export async function openGrafana(
  page: Page,
  bundle: { readonly script: string; readonly style: string },
  databases: Databases,
  {
    nowMs,
    readingS,
    meter,
    site,
  }: { readonly nowMs: number; readonly readingS: number; readonly meter: string; readonly site: string },
): Promise<void> {
  await page.exposeFunction("ask", (question: Question): Promise<Answer[]> => {
    const { text, language, fromMs, toMs, stepS, isInstant } = question;
    const view = { fromMs, toMs, stepS, readingS, meter, site };
    return language === "promql"
      ? promqlAnswers(databases.victoriaMetrics, text, view, isInstant)
      : influxqlAnswers(databases.influxDb, text, view);
  });
  await page.clock.setFixedTime(nowMs);
  // Nothing listens there: the browser is answered here, and Grafana's components find storage and icons.
  await page.route(`${ADDRESS}/**`, (route) => {
    const icon = /\/img\/icons\/(.*\.svg)$/.exec(new URL(route.request().url()).pathname)?.[1];
    if (icon) return route.fulfill({ path: join(ICONS, icon) });
    const isPage = new URL(route.request().url()).pathname === "/";
    return isPage
      ? route.fulfill({ contentType: "text/html", body: "<!doctype html>" })
      : route.fulfill({ status: 404 });
  });
  await page.goto(`${ADDRESS}/`);
  await page.addStyleTag({ path: bundle.style });
  await page.addStyleTag({ content: STYLE });
  await page.addScriptTag({ path: bundle.script });
}

/** Draws the dashboard of a generated file, and resolves to what its panels hold. */
export const drawDashboard = (page: Page, file: unknown, times: Times): Promise<readonly Held[]> =>
  page.evaluate(
    ([dashboard, at]) =>
      (globalThis as unknown as { drawDashboard(d: unknown, t: unknown): Promise<readonly Held[]> }).drawDashboard(
        dashboard,
        at,
      ),
    [file, times] as const,
  );
