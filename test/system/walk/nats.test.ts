// docs/many-sites.md, "Through NATS": a centre and two sites, one of them added and removed, and a replay.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../support/until.ts";
import { copyHome, startMachines } from "./machines.ts";
import { addBattery, installSite, installVictoriaMetrics } from "./site.ts";
import { arrived, complete, victoriaMetrics } from "./stored.ts";
import { openPage } from "./walk.ts";

/** Length of the cut of the link. */
const CUT_MS = 20_000;

test("through NATS", async (t) => {
  const page = openPage(t, "many-sites.md");
  const [centre, shed, boat] = await startMachines(t, [
    { name: "centre", aliases: ["hub.example"] },
    { name: "shed" },
    { name: "boat" },
  ]);
  assert.ok(centre && shed && boat);
  const places = {
    centre: { machine: centre, terminal: centre.terminal() },
    shed: { machine: shed, terminal: shed.terminal() },
  };
  const atBoat = { ...places, shed: { machine: boat, terminal: boat.terminal() } };
  for (const { terminal } of [places.centre, places.shed, atBoat.shed]) await installSite(terminal);
  // The link to the releases of the command nats.
  centre.run("install /share/nats /usr/local/bin/nats && rm /etc/telegraf/telegraf.d/battery.conf");
  await installVictoriaMetrics(places.centre.terminal);
  for (const { machine, terminal } of [places.shed, atBoat.shed]) await addBattery(machine, terminal);

  const passwordOf = (site: string) =>
    new RegExp(`^${site}_PASSWORD=(.*)$`, "m").exec(readFileSync(centre.path("/etc/nats/env"), "utf8"))?.[1] ?? "";
  const replace = new Map<string, string>();
  await page.follow("nats", {
    places,
    replace,
    after({ text }) {
      if (text.includes("/etc/nats/env")) replace.set("PASSWORD", passwordOf("SHED"));
      if (text.includes("> hub.ext")) for (const site of [shed, boat]) copyHome(centre, site, "ca.pem");
    },
  });
  await arrived(centre, victoriaMetrics, "shed");

  await t.test("a second site, with the same name of the battery", async () => {
    await page.follow("add", { places });
    replace.set("PASSWORD", passwordOf("BOAT")).set("site=shed", "site=boat").set("BMS_SITE=shed", "BMS_SITE=boat");
    await page.follow("nats", { places: atBoat, replace, only: ["shed"] });
    const polls = await arrived(centre, victoriaMetrics, "boat");
    assert.deepEqual(new Set(polls.map(({ meter }) => meter)), new Set(["solar"]));
  });

  await t.test("the link of a site is cut, its Telegraf and NATS are killed: nothing is lost", async (t) => {
    shed.setLink(false);
    await sleep(CUT_MS / 2);
    shed.run("systemctl kill --signal=KILL telegraf nats-server");
    await sleep(CUT_MS / 2);
    shed.setLink(true);
    const polls = await arrived(centre, victoriaMetrics, "shed", Date.now());
    t.diagnostic(`nats: ${complete(polls)} readings, each stored once`);
  });

  await t.test("the database is killed: a replay brings back what it has lost", async (t) => {
    centre.run("systemctl kill --signal=KILL victoria-metrics");
    await page.follow("replay", { places });
    await arrived(centre, victoriaMetrics, "shed", Date.now());
    // What the database has lost comes with the replay, in the background.
    const polls = await until(
      "all are there",
      () => {
        const found = victoriaMetrics(centre).filter(({ site }) => site === "shed");
        complete(found);
        return found;
      },
      60_000,
      1_000,
    );
    t.diagnostic(`nats: ${complete(polls)} readings after the replay`);
  });

  await t.test("a site that is removed is refused; the other one goes on", async () => {
    await page.follow("remove", { places });
    await until(
      "the site is refused",
      () => /Authorization Violation/.test(boat.run("journalctl -u nats-server --no-pager")),
      60_000,
      500,
    );
    const since = Date.now();
    await arrived(centre, victoriaMetrics, "shed", since);
    assert.deepEqual(
      victoriaMetrics(centre).filter(({ site, time }) => site === "boat" && time > since),
      [],
    );
    assert.ok(victoriaMetrics(centre).some(({ site }) => site === "boat"));
  });

  await t.test("every step was followed", () => page.finish("nats", "add", "remove", "replay"));
});
