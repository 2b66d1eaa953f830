import { createRequire } from "node:module";
import type { TestContext } from "node:test";
import type axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's Chromium, which makes no requests of its own. */
export async function openBrowser(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env },
  });
  t.after(() => browser.close());
  return browser;
}

/** A page and what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings on the console, and exceptions. */
  readonly errors: readonly string[];
  /** Addresses outside the viewer that the page has requested. */
  readonly elsewhere: readonly string[];
}

/** Opens the viewer's page. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<WatchedPage> {
  const page = await browser.newPage({ locale: "en-GB", ...options });
  const errors: string[] = [];
  const elsewhere: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(`${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) elsewhere.push(request.url());
  });
  await page.goto(url);
  return { page, errors, elsewhere };
}

const axePath = createRequire(import.meta.url).resolve("axe-core");

/** Violations that axe-core finds, one line each. Its script is evaluated by the debugger, so the page's policy stands. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  const { readFile } = await import("node:fs/promises");
  await page.evaluate(await readFile(axePath, "utf8"));
  const violations = await page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as { axe: typeof axe };
    return (await loaded.run()).violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
