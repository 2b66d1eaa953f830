import { appendFileSync } from "node:fs";
import type { HouseView } from "../../../../viewer/model/views.ts";
import { check, expect } from "./check.ts";
import { areActive, eventually, restarts, run, systemctl } from "./commands.ts";
import { NAMES } from "./paths.ts";
import { lostNoPoll } from "./rows.ts";

const LOOPBACK = "http://127.0.0.1:8470";
/** An address of the machine's network. */
const ADDRESS = "10.9.9.9";
const ANSWER_MS = 10_000;
const VIEWER_ENV = "/etc/bms/viewer.env";

/** The viewer is optional: nothing that becomes of it touches a reading. */
export async function viewer(): Promise<void> {
  const since = Date.now();
  await check("the page answers through its unit, and shows every battery live, with its history on disk", async () => {
    await areActive("bms-viewer.socket", "bms-viewer.service");
    const house = await eventually("every battery is live", async () => liveHouse());
    return `${house.meters.length} meters, history on ${house.history.kind}`;
  });
  await check("the viewer's user reaches the live feed, and neither readings.sock nor passwords", async () => {
    const may = async (test: string, path: string) =>
      await run("runuser", "-u", "bms-viewer", "--", "test", test, path).then(
        () => "may",
        () => "may not",
      );
    const seen = [
      await may("-w", "/run/bms/live.sock"),
      await may("-w", "/run/bms/readings.sock"),
      await may("-r", "/etc/bms/pins/bms"),
      await may("-r", "/var/lib/bms/agent-bms"),
    ].join(", ");
    expect(seen === "may, may not, may not, may not", seen);
    return seen;
  });
  await check("the viewer is killed: systemd starts it again, and the page answers", async () => {
    await systemctl("kill", "-s", "KILL", "bms-viewer.service");
    await eventually("a restart", async () => (await restarts("bms-viewer.service")) === 1);
    await eventually("every battery is live", async () => liveHouse());
  });
  await check("an address in viewer.env opens the page in the network, to those who have the token", async () => {
    await run("ip", "address", "add", `${ADDRESS}/32`, "dev", "lo");
    appendFileSync(VIEWER_ENV, `BMS_HTTP=${ADDRESS}:8470\n`);
    await systemctl("daemon-reload");
    await systemctl("restart", "bms-viewer.socket");
    await areActive("bms-viewer.service");
    const page = `http://${ADDRESS}:8470/api/v1/house`;
    const without = await eventually("an answer", async () => (await ask(page)).status);
    const { url } = JSON.parse(await run("bmsctl", "page", "--json")) as { url: string };
    const authorization = `Bearer ${new URL(url).searchParams.get("token")}`;
    const [status, own] = [
      (await ask(page, { authorization })).status,
      await ask(`${LOOPBACK}/healthz`).catch(() => undefined),
    ];
    expect(without === 401 && status === 200 && !own, `${without} without the token, ${status} with it`);
    const mode = await run("stat", "--format=%a %U %G", "/var/lib/bms/viewer/token");
    expect(mode === "640 bms-viewer bms-viewer", mode);
    return `${without} without the token, ${status} with it`;
  });
  await check("switched off there is no page, and nothing else notices", async () => {
    await systemctl("disable", "--now", "bms-viewer.socket", "bms-viewer.service");
    const answer = await ask(`http://${ADDRESS}:8470/healthz`).catch(() => undefined);
    expect(answer === undefined, `${answer?.status}`);
  });
  await run("sed", "-i", "/^BMS_HTTP=/d", VIEWER_ENV);
  await systemctl("daemon-reload");
  await systemctl("enable", "--now", "bms-viewer.socket", "bms-viewer.service");
  await check("nothing of this has cost a poll", async () => {
    await eventually("every battery is live again", async () => liveHouse());
    return NAMES.map((name) => lostNoPoll(name, since, Date.now())).join("; ");
  });
}

/** Asks the page, or gives up: a connection that nobody accepts stays open for long. */
function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
}

/** The house, if every battery is live in it. */
async function liveHouse(): Promise<HouseView | undefined> {
  const house = (await (await ask(`${LOOPBACK}/api/v1/house`)).json()) as HouseView;
  const live = house.meters.filter(({ state }) => state === "live").map(({ meter }) => meter);
  return NAMES.every((name) => live.includes(name)) && house.history.kind === "disk" ? house : undefined;
}
