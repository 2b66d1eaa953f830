import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pageAdvice } from "../../../../control/commands/page.ts";
import { pageUrls, readToken, type Token } from "../../../../control/setup/page-address.ts";
import { viewerSettings } from "../../../../control/setup/viewer-settings.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const NONE: Token = { state: "none" };
const KNOWN: Token = { state: "known", token: "abc-_123" };
const INTERFACES = [
  { address: "127.0.0.1", family: "IPv4", internal: true },
  { address: "fe80::1", family: "IPv6", internal: false },
  { address: "fd00::5", family: "IPv6", internal: false },
  { address: "192.168.1.20", family: "IPv4", internal: false },
] as const;

for (const [http, token, urls] of [
  [undefined, NONE, ["http://127.0.0.1:8470/"]],
  ["[::1]:9000", NONE, ["http://[::1]:9000/"]],
  ["no address", NONE, ["http://127.0.0.1:8470/"]],
  ["0.0.0.0:8470", KNOWN, ["http://192.168.1.20:8470/?token=abc-_123"]],
  ["0.0.0.0:8470", { state: "unreadable" }, ["http://192.168.1.20:8470/"]],
  ["[::]:80", KNOWN, ["http://192.168.1.20:80/?token=abc-_123", "http://[fd00::5]:80/?token=abc-_123"]],
  ["10.0.0.7:80", KNOWN, ["http://10.0.0.7:80/?token=abc-_123"]],
] as const) {
  test(`a page at ${http} is opened at ${urls.join(" or ")}`, () => {
    assert.deepEqual(pageUrls(viewerSettings({ BMS_HTTP: http }), token, INTERFACES), urls);
  });
}

test("the token is read where the page has one", async (t) => {
  const file = join(await temporaryFolder(t), "token");
  const open = { BMS_HTTP: "0.0.0.0:8470", BMS_TOKEN_FILE: file };
  assert.deepEqual(readToken(viewerSettings(open)), { state: "missing" });
  writeFileSync(file, "abc\n");
  assert.deepEqual(readToken(viewerSettings(open)), { state: "known", token: "abc" });
  assert.deepEqual(readToken(viewerSettings({ ...open, BMS_TOKEN_FILE: join(file, "below") })), {
    state: "unreadable",
  });
  assert.deepEqual(readToken(viewerSettings({ ...open, BMS_WITHOUT_TOKEN: "1" })), NONE);
  assert.deepEqual(readToken(viewerSettings({ BMS_TOKEN_FILE: file })), NONE);
});

const advise = (http: string, token: Token, urls = ["http://…/"]) =>
  pageAdvice(viewerSettings({ BMS_HTTP: http }), token, { urls, user: "pi", machine: "shed" });

test("a page of this machine alone comes with the way to open it elsewhere", () => {
  const advice = advise("127.0.0.1:9000", NONE);
  assert.match(advice, /BMS_HTTP=0\.0\.0\.0:9000\nin \/etc\/bms\/viewer\.env/);
  assert.match(advice, /ssh -N -L 9000:127\.0\.0\.1:9000 pi@shed\n/);
});

test("a token that this user may not read comes with two ways to it", () => {
  assert.match(advise("0.0.0.0:1", { state: "unreadable" }), /sudo bmsctl page\n.*usermod -aG bms-viewer pi/);
});

test("a machine without a network is pointed out", () => {
  assert.match(advise("0.0.0.0:1", KNOWN, []), /no network address/);
});
