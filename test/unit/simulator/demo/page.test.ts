import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { startPage } from "../../../../simulator/demo/page.ts";
import { type Program, startProgram } from "../../../../simulator/program.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { until } from "../../../support/until.ts";

/** Starts viewers without an aggregator, and keeps the warnings of the demo. */
function pages(folder: string) {
  const warnings: string[] = [];
  const viewers: Program[] = [];
  const tokenFile = join(folder, "token");
  const deps = {
    tokenFile,
    clock: systemClock,
    log: { ...silentLog, warn: (line: string) => warnings.push(line) },
    startViewer(http: string) {
      const viewer = startProgram("bms-viewer", [
        ...["--http", http, "--feed", `ipc://${join(folder, "live.sock")}`, "--token-file", tokenFile],
        ...["--alerts", "/dev/null"],
      ]);
      viewers.push(viewer);
      return viewer;
    },
  };
  return { warnings, viewers, start: (http?: string) => startPage(http, deps) };
}

test("a page that ends by itself is one line", async (t) => {
  const { warnings, viewers, start } = pages(await temporaryFolder(t));
  const page = await start();
  assert.match(page.address ?? "", /^http:\/\/127\.0\.0\.1:84\d\d\/$/);
  assert.equal((await fetch(page.address ?? "")).status, 200);
  await viewers[0]?.stop("SIGKILL");
  await until("warned", () => warnings.length > 0);
  assert.match(warnings.join("\n"), /^the page has ended, the readings go on: .+$/);
  await page.stop();
});

test("a page that is stopped is no warning", async (t) => {
  const { warnings, start } = pages(await temporaryFolder(t));
  await (await start("127.0.0.1:0")).stop();
  assert.deepEqual(warnings, []);
});

test("a page in the network is opened by an address with its token", async (t) => {
  const { start } = pages(await temporaryFolder(t));
  const page = await start("0.0.0.0:0");
  const url = new URL(page.address ?? "");
  assert.match(url.search, /^\?token=[\w-]{22,}$/);
  assert.equal((await fetch(`http://127.0.0.1:${url.port}/api/v1/house`)).status, 401);
  assert.equal((await fetch(url, { redirect: "manual" })).status, 303);
  await page.stop();
});

test("a port that is taken is one line", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const { warnings, start } = pages(await temporaryFolder(t));
  assert.equal((await start(`127.0.0.1:${port}`)).address, undefined);
  assert.match(warnings.join("\n"), /^no page: .*EADDRINUSE/);
});
