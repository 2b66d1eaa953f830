// The page on a year of history of four meters: the time from the request of the page until its charts are drawn, in a real
// browser, of a viewer that runs as the unit starts it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Browser } from "playwright-core";
import { virtualClock } from "../../../common/runtime/clock.ts";
import { silentLog as log } from "../../../common/runtime/log.ts";
import { type Program, startProcess } from "../../../simulator/program.ts";
import { fileBackedStore } from "../../../viewer/history/backed-store.ts";
import { createHistory } from "../../../viewer/history/history.ts";
import { openHistoryFile } from "../../../viewer/history/history-file.ts";
import { NEEDS_SQLITE, openDatabase } from "../../support/sqlite.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { until } from "../../support/until.ts";
import { DAY_MS, METERS, minutesOf, repeatDay } from "../../support/year.ts";
import { openBrowser, openPage } from "./browser.ts";

const DAYS = 365;
/** Unit of /proc/PID/stat on Linux. */
const TICK_MS = 10;
/** Power, current, charge, voltage, cells, spread, temperatures. */
const CHARTS = 7;

/** Fills a history up to now: the day before today, the same again for a year, and today. */
async function writeYear(t: TestContext): Promise<string> {
  const directory = await temporaryFolder(t);
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  let now = today;
  const clock = { ...virtualClock(), now: () => now };
  assert.ok(openDatabase);
  const file = openHistoryFile(join(directory, "history.db"), { open: openDatabase, clock, log });
  assert.ok(file);
  const store = fileBackedStore(file, 2e9);
  const history = createHistory(store, { clock, log });
  const add = (from: number, to: number) => {
    for (const { end, readings } of minutesOf(from, to)) {
      now = end;
      history.add(readings);
      history.flush();
    }
  };
  add(today - DAY_MS, today);
  repeatDay(store, today - DAY_MS, DAYS);
  add(today, Date.now());
  history.close();
  return directory;
}

/** Processor time of a process so far, ms. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Times in ms. Those of the processor are about the same on a busy machine. */
interface Opening {
  /** From the request until all charts are drawn. */
  readonly elapsed: number;
  /** Processor time of the viewer. */
  readonly viewer: number;
  /** Processor time of the page's main thread. */
  readonly page: number;
}

/** Opens the page in a new window without a cache. */
async function openUntilDrawn(browser: Browser, url: string, viewer: Program): Promise<Opening> {
  const { page, errors } = await openPage(browser, "about:blank", { viewport: { width: 390, height: 844 } });
  await page.addInitScript(`(function look() {
    if (document.querySelectorAll("time-chart canvas").length >= ${CHARTS}) window.drawnAt = performance.now();
    else requestAnimationFrame(look);
  })()`);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const taskMs = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0);
  };
  const viewerBefore = processorMs(viewer.pid);
  const pageBefore = await taskMs();
  await page.goto(url);
  const drawnAt = () => page.evaluate("window.drawnAt");
  const elapsed = await until("charts", async () => Number(await drawnAt()) || undefined, 30_000, 20);
  const opening = { elapsed, viewer: processorMs(viewer.pid) - viewerBefore, page: (await taskMs()) - pageBefore };
  assert.deepEqual(errors, []);
  await page.close();
  return opening;
}

test("the page draws the charts of a year of four meters", NEEDS_SQLITE, async (t) => {
  const directory = await writeYear(t);
  // As the unit starts it: without a compiler, which memory that is never both writable and executable rules out.
  const viewer = startProcess(process.execPath, [
    ...["--jitless", "--max-semi-space-size=1", join(import.meta.dirname, "../../../dist/bms-viewer.js")],
    ...["--http", "127.0.0.1:0", "--history", directory, "--feed", `ipc://${join(directory, "live.sock")}`],
    ...["--status", directory, "--alerts", "/dev/null"],
  ]);
  t.after(() => viewer.stop("SIGKILL"));
  const [url = ""] = /http:[^ ]+\/$/.exec(await viewer.logged(/showing .* at http:/)) ?? [];
  const browser = await openBrowser(t);
  // Figures of the present day and hour are computed once after each start.
  for (const meter of METERS) {
    const { viewer: ms } = await openUntilDrawn(browser, `${url}#${meter}/hour`, viewer);
    t.diagnostic(`the first opening of ${meter} since the start: viewer ${ms} ms of processor`);
  }
  for (const range of ["year", "week", "day"]) {
    const openings: Opening[] = [];
    for (const meter of METERS) openings.push(await openUntilDrawn(browser, `${url}#${meter}/${range}`, viewer));
    const median = (key: keyof Opening) => openings.map((each) => each[key]).sort((a, b) => a - b)[1] ?? Number.NaN;
    const [elapsed, viewerMs, pageMs] = [median("elapsed"), median("viewer"), median("page")].map(Math.round);
    t.diagnostic(
      `a ${range}: ${elapsed} ms until the charts are drawn; processor: viewer ${viewerMs} ms, page ${pageMs} ms`,
    );
  }
});
