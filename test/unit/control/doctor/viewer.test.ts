import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { formatFinding } from "../../../../control/doctor/finding.ts";
import { checkViewer, viewerFault } from "../../../../control/doctor/viewer.ts";
import { viewerSettings } from "../../../../control/setup/viewer-settings.ts";
import { fakeSystemd, unitState } from "../../../support/fake-systemd.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

for (const [about, state, expected] of [
  ["an absent viewer is no fault", { load: "not-found" }, /^NOTE .*is not installed\n$/],
  [
    "one that was switched off is no fault",
    { active: "inactive", enabled: "disabled" },
    /^NOTE .*is switched off, .*: sudo systemctl enable --now bms-viewer\.socket bms-viewer\.service\n$/,
  ],
  ["one that was stopped is a fault", { active: "inactive" }, /^WRONG .*is not running/],
  [
    "wrong options",
    { active: "failed", exit: 2 },
    /^WRONG .*has wrong options: last log line: correct \/etc\/bms\/viewer\.env/,
  ],
  ["a crash loop", { active: "activating", sub: "auto-restart" }, /^WRONG .*fails again and again: last log line\n$/],
] as const) {
  test(about, () => {
    const finding = viewerFault(unitState(state), "last log line");
    assert.match(finding ? formatFinding(finding) : "", expected);
  });
}

const HOUSE = { feed: { state: "live", since: 0 }, meters: [{ meter: "solar" }], history: { kind: "disk" } };

interface Answer {
  readonly status?: number;
  readonly body?: string;
  readonly token?: string;
  /** Content of the file of alerts. */
  readonly alerts?: string;
}

/** The findings about a running viewer whose page answers like this. */
async function findings(
  t: TestContext,
  { status = 200, body = JSON.stringify(HOUSE), token, alerts = "" }: Answer = {},
) {
  const server = createServer(({ headers, url }, response) => {
    const isAllowed = url === "/api/v1/house" && (!token || headers.authorization === `Bearer ${token}`);
    response.writeHead(isAllowed ? status : 401).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const folder = await temporaryFolder(t);
  const file = join(folder, "token");
  const alertsFile = join(folder, "alerts.toml");
  writeFileSync(alertsFile, alerts);
  if (token) writeFileSync(file, token);
  const http = `${token ? "0.0.0.0" : "127.0.0.1"}:${port}`;
  const settings = viewerSettings({ BMS_TOKEN_FILE: file, BMS_HTTP: http, BMS_ALERTS: alertsFile });
  const interfaces = [{ address: "127.0.0.1", family: "IPv4", internal: false }] as const;
  const found = await checkViewer({
    systemd: fakeSystemd({ "bms-viewer.service": unitState() }),
    settings,
    interfaces,
    hasNetwork: false,
  });
  return found.map((finding) => formatFinding(finding)).join("");
}

test("a viewer in order", async (t) => {
  const expected =
    /^OK +page: answers at http:\/\/127\.0\.0\.1:\d+\/ and shows 1 meter\nOK +live feed: .*\nOK +history: .*\nNOTE +alerts: .*sent nowhere.*\n$/;
  assert.match(await findings(t), expected);
  assert.match(await findings(t, { token: "secret" }), expected);
});

for (const [about, answer, expected] of [
  [
    "a feed that is away",
    { body: JSON.stringify({ ...HOUSE, feed: { state: "away" } }) },
    /^WRONG +live feed: is not connected/m,
  ],
  [
    "a history in memory",
    { body: JSON.stringify({ ...HOUSE, history: { kind: "memory" } }) },
    /^WRONG +history: is in memory only/m,
  ],
  ["a damaged file of alerts", { alerts: "rules = 7 =" }, /^WRONG +alerts: .*alerts\.toml.*: correct it/m],
  [
    "a target that the service cannot reach",
    { alerts: '[[targets]]\nname = "phone"\ntype = "ntfy"\nurl = "https://ntfy.sh/x"\n' },
    /^WRONG +alerts: cannot be sent, .*alerts-network\.conf/m,
  ],
  ["another program at the port", { body: "hello" }, /^WRONG +page: does not answer/],
  ["another JSON at the port", { body: "{}" }, /^WRONG .*another program answers there/],
  [
    "a refused token",
    { status: 401, token: "secret" },
    /^WRONG +page: refuses the token of .*: sudo systemctl restart/,
  ],
  ["a failing page", { status: 500 }, /^WRONG +page: answers with status 500/],
] as const) {
  test(`${about} is reported`, async (t) => {
    assert.match(await findings(t, answer), expected);
  });
}

test("a token that is missing and a port at which nobody answers are reported", async (t) => {
  const open = viewerSettings({ BMS_TOKEN_FILE: join(await temporaryFolder(t), "none"), BMS_HTTP: "0.0.0.0:1" });
  const check = (settings: ReturnType<typeof viewerSettings>) =>
    checkViewer({
      systemd: fakeSystemd({ "bms-viewer.service": unitState() }),
      settings,
      interfaces: [],
      hasNetwork: false,
    });
  assert.match(formatFinding((await check(open))[0] ?? assert.fail()), /^WRONG +page: has no token in /);
  const dead = viewerSettings({ BMS_HTTP: "127.0.0.1:1" });
  assert.match(
    formatFinding((await check(dead))[0] ?? assert.fail()),
    /^WRONG +page: does not answer at http:\/\/127\.0\.0\.1:1\/ \(.+\): sudo systemctl daemon-reload/,
  );
});
