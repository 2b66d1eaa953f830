// docs/two-hosts.md: a house with the database and a shed with a battery are paired; revoked and paired again; a meter moved; and
// the way back.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { startMachines } from "./machines.ts";
import { addBattery, installHouse } from "./site.ts";
import { arrived, complete, victoriaMetrics } from "./stored.ts";
import { openPage } from "./walk.ts";

/** The line on the page. */
const LINE = "bms1/192\\.168\\.1\\.20/8471/8472/…";
/** A meter without a site. */
const NO_SITE = "";

test("two hosts", async (t) => {
  const page = openPage(t, "two-hosts.md");
  const [house, shed] = await startMachines(t, [{ name: "house" }, { name: "shed" }]);
  assert.ok(house && shed);
  const places = {
    house: { machine: house, terminal: house.terminal() },
    shed: { machine: shed, terminal: shed.terminal() },
  };
  const inHouse = house.terminal();
  await installHouse(places.house.terminal);
  // The page: the shed needs neither Telegraf nor a database.
  await places.shed.terminal.run("sudo apt install -y /share/bms_*.deb");
  await addBattery(shed, places.shed.terminal);
  const pair = async () => {
    const replace = new Map<string, string>();
    await page.follow("pair", {
      places,
      replace,
      after(_step, printed) {
        const exposure = /^exposure .*$/m.exec(printed)?.[0];
        if (exposure) t.diagnostic(exposure);
        const line = /sudo bmsctl join (bms1\/\S+)/.exec(printed)?.[1];
        if (line) replace.set(LINE, line);
      },
    });
  };

  await t.test("the shed's readings are in the database of the house", async (t) => {
    await pair();
    const polls = await arrived(house, victoriaMetrics, NO_SITE, Date.now());
    t.diagnostic(`pair: ${complete(polls)} readings, each stored once`);
    await inHouse.run("sudo bmsctl doctor");
    // The shed needs no open port.
    assert.match(shed.run("ss -H -l -t -n | wc -l"), /^0$/m);
    assert.match(shed.run("systemctl show -P ActiveState bms-aggregator bms-viewer.socket"), /^inactive\s+inactive\s$/);
  });

  await t.test(
    "a revoked host delivers nothing; paired again with a new key it delivers what it has kept",
    async (t) => {
      await page.follow("revoke", { places });
      const since = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      assert.deepEqual(
        victoriaMetrics(house).filter(({ time }) => time > since + 2_000),
        [],
      );
      rmSync(shed.path("/etc/bms/host.key"));
      await pair();
      const polls = await arrived(house, victoriaMetrics, NO_SITE, Date.now());
      t.diagnostic(`revoke: ${complete(polls)} readings, each stored once`);
    },
  );

  await t.test("a meter that is moved away is refused, and delivered once it is moved back", async (t) => {
    // From the table Everyday.
    await inHouse.run("sudo bmsctl hosts name shed barn");
    assert.match(await inHouse.run("sudo bmsctl hosts"), /^barn .* solar$/m);
    await inHouse.run("sudo bmsctl hosts move solar local");
    const since = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    assert.deepEqual(
      victoriaMetrics(house).filter(({ time }) => time > since + 2_000),
      [],
    );
    await inHouse.run("sudo bmsctl hosts move solar barn");
    const polls = await arrived(house, victoriaMetrics, NO_SITE, Date.now());
    t.diagnostic(`move: ${complete(polls)} readings, each stored once`);
  });

  await t.test("the way back", async () => {
    await page.follow("back", { places });
    assert.match(shed.run("systemctl is-active bms-aggregator bms-viewer"), /^active\nactive\n$/);
    assert.match(house.run("ss -H -l -t -n 'sport = :8471' | wc -l"), /^0$/m);
  });

  await t.test("no service has failed", () => {
    for (const { run } of [house, shed])
      assert.equal(run("journalctl --quiet --unit='bms-*' --grep='Main process exited' || true"), "");
  });

  await t.test("every step was followed", () => page.finish("pair", "revoke", "back"));
});
