// docs/many-sites.md, "Two or three sites": Telegraf's disk buffer straight to a database over HTTPS.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { copyHome, startMachines } from "./machines.ts";
import { addBattery, installSite } from "./site.ts";
import { arrived, complete, influxDb } from "./stored.ts";
import { openPage } from "./walk.ts";

/** Length of the cut of the link. */
const CUT_MS = 60_000;

test("straight to the database by HTTPS", async (t) => {
  const page = openPage(t, "many-sites.md");
  const [centre, shed] = await startMachines(t, [{ name: "centre", aliases: ["centre.example"] }, { name: "shed" }]);
  assert.ok(centre && shed);
  const places = {
    centre: { machine: centre, terminal: centre.terminal() },
    shed: { machine: shed, terminal: shed.terminal() },
  };
  await installSite(places.shed.terminal);
  await addBattery(shed, places.shed.terminal);
  const replace = new Map<string, string>();
  await page.follow("https", {
    places,
    replace,
    after({ text }, printed) {
      if (text.includes("hash-password")) {
        const [password = "", hash = ""] = printed.split("\n");
        replace.set("PASSWORD", password).set("HASH", hash);
      }
      if (text.includes("> centre.pem")) copyHome(centre, shed, "centre.pem");
    },
  });
  await arrived(centre, influxDb, "shed");

  await t.test("a password is needed, and it may only write", async () => {
    const status = (path: string, user = "") =>
      shed.run(
        `curl -s -o /dev/null -w '%{http_code}' --cacert /etc/telegraf/centre.pem ${user} 'https://centre.example${path}'`,
      );
    const password = `-u shed:${replace.get("PASSWORD")}`;
    assert.equal(status("/write?db=telegraf"), "401");
    assert.equal(status("/write?db=telegraf", "-u shed:wrong"), "401");
    assert.equal(
      shed.run(`curl -s --cacert /etc/telegraf/centre.pem ${password} 'https://centre.example/query?q=SHOW+DATABASES'`),
      "",
    );
  });

  await t.test("a link cut for a minute, Telegraf and the database killed in it: nothing is lost", async (t) => {
    shed.setLink(false);
    await sleep(CUT_MS / 3);
    shed.run("systemctl kill --signal=KILL telegraf");
    centre.run("systemctl kill --signal=KILL influxdb");
    await sleep((CUT_MS / 3) * 2);
    shed.setLink(true);
    const polls = await arrived(centre, influxDb, "shed", Date.now());
    t.diagnostic(`https: ${complete(polls)} readings, each stored once`);
  });

  await t.test("every step was followed", () => page.finish("https"));
});
