import type { Browser, Page } from "playwright-core";
import { until } from "../../../support/until.ts";

/** A dashboard on the page of a current VictoriaMetrics, with its graphs drawn. */
export async function openVmui(
  browser: Browser,
  url: string,
  { title, nowMs }: { readonly title: string; readonly nowMs: number },
): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width: 1288, height: 1250 },
    colorScheme: "dark",
    timezoneId: "UTC",
  });
  const range = new URLSearchParams({
    "g0.range_input": "1d",
    "g0.end_input": new Date(nowMs).toISOString().slice(0, 19),
    "g0.relative_time": "none",
  });
  await page.goto(`${url}/vmui/#/dashboards?${range}`);
  await page.getByText(title, { exact: true }).click();
  // Graphs that are out of sight are not drawn. Each of the others has a legend with its last values.
  await until(`${title} is drawn`, async () => (await page.getByText("last:").count()) > 8, 60_000);
  await page.mouse.move(0, 0);
  return page;
}
