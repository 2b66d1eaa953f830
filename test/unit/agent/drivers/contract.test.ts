import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { DRIVERS } from "../../../../agent/drivers/registry.ts";
import { contractOfEveryThird } from "../../../support/driver-contract.ts";
import { FIXTURES } from "../../../support/fixture.ts";

/*
 * The contract of every driver (test/support/driver-contract.ts). These files walk the registry and the fixtures and know no
 * driver by name: a device is added with a driver, a line in the registry and a fixture (docs/adding-a-device.md). Three files
 * run at the same time.
 */
test("every driver has fixtures, and every folder of fixtures a driver", () => {
  const corpora = ["captures", "frames", "jbd-settings"];
  const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const named = folders.map(({ name }) => name).filter((name) => !corpora.includes(name));
  assert.deepEqual(named.sort(), DRIVERS.map(({ name }) => name).sort());
});

contractOfEveryThird(0);
