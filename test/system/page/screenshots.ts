// Makes the pictures of the documentation: the simulated house with an alarm, an offline meter and a week of history, which
// goes the way of a backlog, through the aggregator.
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { sendTo } from "../../support/sender.ts";
import { until } from "../../support/until.ts";
import { openBrowser, openPage } from "./browser.ts";
import { readCards } from "./cards.ts";
import { HOUSE_METERS, startHouse } from "./house.ts";
import { pastWeek } from "./past-week.ts";

const folder = join(import.meta.dirname, "../../../docs/pictures");
const MAX_BYTES = 150_000;
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>
<match target="pattern"><edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>
</fontconfig>`;

const PICTURES = [
  { name: "page", range: "day", colorScheme: "light", width: 1280, height: 960 },
  { name: "page-phone", range: "day", colorScheme: "dark", width: 390, height: 1330 },
  { name: "page-week", range: "week", colorScheme: "dark", width: 1280, height: 760, from: "#past" },
] as const;

test("pictures of the page", async (t) => {
  const house = await startHouse(t, "2");
  const now = Date.now();
  for (const [meter, device] of Object.entries(HOUSE_METERS)) {
    const driver = meter === "house" ? "jbd" : "thornwave";
    const sender = sendTo(t, house.system.endpoint, { meter, device, driver });
    for (const reading of pastWeek(meter, now)) sender.put(1, reading);
    await until(`the past of ${meter}`, () => sender.outbox.isConnected && sender.outbox.backlog === 0, 300_000);
  }
  await house.simulate("alarm", HOUSE_METERS.house, "ic");
  await house.simulate("set", HOUSE_METERS.inverter, "silence");
  const fonts = join(house.system.folder, "fonts.conf");
  await writeFile(fonts, FONTS);
  const browser = await openBrowser(t, { FONTCONFIG_FILE: fonts });
  await mkdir(folder, { recursive: true });
  for (const { name, range, colorScheme, width, height, ...rest } of PICTURES) {
    const { page } = await openPage(browser, `${house.url}#house/${range}`, {
      viewport: { width, height },
      colorScheme,
    });
    await until(
      "an offline meter and an alarm",
      async () => {
        const cards = await readCards(page);
        const isOffline = cards.some(({ state }) => state === "offline");
        return isOffline && cards.some(({ state, conditions }) => state === "live" && conditions.length > 0);
      },
      120_000,
    );
    await until("charts", async () => (await page.locator("time-chart canvas").count()) >= 7, 60_000);
    const top = "from" in rest ? ((await page.locator(rest.from).boundingBox())?.y ?? 0) - 16 : 0;
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path, fullPage: true, clip: { x: 0, y: top, width, height } });
    const { size } = await stat(path);
    t.diagnostic(`${name}.png: ${size} bytes`);
    if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes: more than ${MAX_BYTES}`);
  }
});
