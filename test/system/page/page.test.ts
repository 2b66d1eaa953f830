import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { sendTo } from "../../support/sender.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";
import { accessibilityFaults, openBrowser, openPage } from "./browser.ts";
import { differences, readCards, type ShownCard } from "./cards.ts";
import { HOUSE_METERS, type RunningHouse, startHouse } from "./house.ts";

const INTERVAL_S = 1;
const MINUTE_MS = 60_000;
const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };
/** Lines that Chromium writes on the console while no viewer answers. */
const NO_VIEWER = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE|ABORTED)/;

const cardOf = async (page: Page, meter: string): Promise<ShownCard | undefined> =>
  (await readCards(page)).find((card) => card.meter === meter);
const textOf = (page: Page, selector: string) => page.locator(selector).innerText();

/** Does something, waits until the page shows it, and reports the time between. */
async function shows(
  t: TestContext,
  what: string,
  act: () => Promise<unknown> | unknown,
  look: () => Promise<unknown>,
) {
  await act();
  const from = performance.now();
  await until(what, async () => Boolean(await look()), 30_000, 100);
  t.diagnostic(`${what}: visible after ${((performance.now() - from) / 1000).toFixed(1)} s`);
}

test("the page in a browser", async (t) => {
  const house = await startHouse(t, String(INTERVAL_S));
  const browser = await openBrowser(t);
  const { page, errors, elsewhere } = await openPage(browser, house.url, { viewport: SIZES.wide });
  const allLive = async () => {
    const cards = await readCards(page);
    return cards.length === Object.keys(HOUSE_METERS).length && cards.every(({ state }) => state === "live");
  };
  await until("a card per meter, live", allLive);

  await t.test("every card shows what the CSV of that moment says", async (t) => {
    await house.simulate("alarm", HOUSE_METERS.house, "ovp");
    await until("the protection in words", async () =>
      (await cardOf(page, "house"))?.conditions.some((words) => /over-voltage protection/.test(words)),
    );
    let compared = 0;
    for (let look = 0; look < 6; look += 1) {
      const before = compared;
      for (const card of await readCards(page)) {
        const row = await until(`the row of ${card.meter} at ${card.at}`, () =>
          house.system.measured(card.meter).find(({ time }) => time === card.at),
        );
        assert.deepEqual(differences(card, row), []);
        compared += card.values.length + card.cells.length;
      }
      const [first] = await readCards(page);
      await until("the next reading", async () => (await readCards(page))[0]?.at !== first?.at);
      assert.ok(compared > before);
    }
    t.diagnostic(`${compared} values of 6 moments are those of the CSV`);
    await house.simulate("alarm", "--off", HOUSE_METERS.house, "ovp");
  });

  await t.test("charts are drawn and described, and the keyboard chooses what they show", async () => {
    await until("charts", async () => (await page.locator("time-chart canvas").count()) >= 4);
    await page.locator('input[value="solar"]').focus();
    await page.keyboard.press("Space");
    await page.locator('input[value="hour"]').focus();
    await page.keyboard.press("ArrowRight");
    await until("the day of solar in the address", () => page.url().endsWith("#solar/day"));
    await until("a description", async () =>
      /From .* to /.test(await textOf(page, '[data-chart="Voltage"] .sr >> nth=0')),
    );
    await page.locator('[data-chart="Voltage"] summary').press("Enter");
    assert.equal(await page.locator('[data-chart="Voltage"] tbody tr').count(), 12);
  });

  await t.test("a frozen value is marked and never looks alive", async (t) => {
    const values = { volts: 12.41, amps: -1.2, watts: -14.89, percent: 40, online: 1 };
    const sender = sendTo(t, house.system.endpoint, {
      meter: "boat",
      device: "C0:00:00:00:00:09",
      driver: "thornwave",
    });
    await shows(
      t,
      "frozen value",
      () => {
        for (let minute = 12; minute >= 0; minute -= 1) {
          sender.put(1, { takenAt: Date.now() - minute * MINUTE_MS, sample: values });
        }
      },
      async () => (await cardOf(page, "boat"))?.state === "frozen",
    );
    assert.match((await cardOf(page, "boat"))?.text ?? "", /Frozen since .*Not one value has changed for 1\d min/);
  });

  await t.test("axe-core finds nothing, in both colour schemes, wide and narrow", async (t) => {
    const pictures = process.env.PICTURES ?? (await temporaryFolder(t));
    await mkdir(pictures, { recursive: true });
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [name, viewport] of Object.entries(SIZES)) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
        assert.deepEqual(await accessibilityFaults(page), [], `${name}, ${colorScheme}`);
        const overhang = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        assert.equal(overhang, 0, `nothing is cut off, ${name}`);
        await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), fullPage: true });
      }
    }
  });

  await t.test("a device that does not answer is offline", async (t) => {
    const silence = () => house.simulate("set", HOUSE_METERS.solar, "silence");
    await shows(t, "silent device", silence, async () => (await cardOf(page, "solar"))?.state === "offline");
    assert.match((await cardOf(page, "solar"))?.text ?? "", /Offline since .*Last values, of/);
    await house.simulate("clear", HOUSE_METERS.solar);
    await until("solar is live again", async () => (await cardOf(page, "solar"))?.state === "live");
  });

  await t.test("a killed agent leaves a stale meter", async (t) => {
    const kill = () => house.agents.get("inverter")?.stop("SIGKILL");
    await shows(t, "killed agent", kill, async () => (await cardOf(page, "inverter"))?.state === "stale");
    house.startAgent("inverter");
    await until("inverter is live again", async () => (await cardOf(page, "inverter"))?.state === "live");
  });

  await t.test("Telegraf that has stopped is an output that is not open", async (t) => {
    const state = () => textOf(page, '[data-output^="unix"] .state');
    assert.equal(await state(), "Open");
    await shows(
      t,
      "stopped Telegraf",
      () => house.telegraf.crash(),
      async () => (await state()) !== "Open",
    );
    await house.telegraf.start();
    await until("the output is open again", async () => (await state()) === "Open");
  });

  await t.test("a killed aggregator: no meter looks alive", async (t) => {
    const noneLive = async () => (await readCards(page)).every(({ state }) => state !== "live");
    const isAway = async () =>
      /Aggregator away|No readings/.test(await textOf(page, ".connection")) && (await noneLive());
    await shows(t, "killed aggregator", () => house.aggregator.stop("SIGKILL"), isAway);
    await house.startAggregator();
    await until("live again", async () => (await cardOf(page, "house"))?.state === "live");
  });

  assert.deepEqual(errors, [], "no error on the console");
  await silentViewer(t, { house, page, errors });
  await t.test("a page whose token is refused shows the way in", async () => {
    const refused = await browser.newPage();
    await refused.route(/\/(events|api\/.*)$/, (route) => route.fulfill({ status: 401, body: "{}" }));
    await refused.goto(house.url);
    await until("the way in", async () => /bmsctl page/.test(await textOf(refused, "body")));
    assert.deepEqual(await accessibilityFaults(refused), []);
    await refused.close();
  });

  await t.test("no request went elsewhere, and the console has no other errors", () => {
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(
      errors.filter((error) => !NO_VIEWER.test(error)),
      [],
    );
  });
});

interface Open {
  readonly house: RunningHouse;
  readonly page: Page;
  readonly errors: readonly string[];
}

/** The viewer says nothing: by the browser's own clock the page counts the silence, and recovers. */
async function silentViewer(t: TestContext, { house, page }: Open) {
  const isLost = async () => {
    const isNamed = /Connection lost.*no news for \d+ s/s.test(await textOf(page, ".connection"));
    return isNamed && (await readCards(page)).every(({ state }) => state !== "live");
  };
  const isLive = async () => (await cardOf(page, "house"))?.state === "live" && !(await isLost());

  await t.test("a viewer that hangs", async (t) => {
    await shows(t, "hanging viewer", () => house.viewer.process.kill("SIGSTOP"), isLost);
    assert.deepEqual(await accessibilityFaults(page), []);
    house.viewer.process.kill("SIGCONT");
    await until("live again", isLive);
  });

  await t.test("a killed viewer, and another one at its address", async (t) => {
    await shows(t, "killed viewer", () => house.viewer.stop("SIGKILL"), isLost);
    await house.startViewer();
    await until("live again", isLive);
  });

  await t.test("a tab that was suspended", async (t) => {
    const session = await page.context().newCDPSession(page);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    const { at } = (await cardOf(page, "house")) ?? {};
    await until("newer readings", () => Number(house.system.measured("house").at(-1)?.time) > Number(at) + 5000);
    const wake = () => session.send("Page.setWebLifecycleState", { state: "active" });
    await shows(t, "suspended tab recovers", wake, async () => {
      const card = await cardOf(page, "house");
      return card?.state === "live" && Number(card.at) > Number(at) + 5000;
    });
  });
}
