import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findBatteries, timerOf } from "../../../../control/setup/batteries.ts";
import { fakeServices } from "../../../support/fake-systemd.ts";

test("a battery is what has a file, or a service of its own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-batteries-"));
  try {
    writeFileSync(join(folder, "solar.env"), "BMS_ADDRESS=c0:00:00:00:00:01\n");
    writeFileSync(join(folder, "bms.env"), "BMS_INTERVAL=10\n");
    writeFileSync(join(folder, "notes.txt"), "");
    const services = fakeServices({
      "bms-agent@solar.service": { active: "active", status: "connected, 12 readings, backlog 3" },
      "bms-agent@A4:C1:37:00:00:01.service": { active: "inactive" },
      [`${timerOf("A4:C1:37:00:00:01")}.timer`]: { active: "active" },
    });
    const found = await findBatteries(services, folder);
    assert.deepEqual(
      found.map(({ name, address, status, isLent }) => ({ name, address, backlog: status?.backlog, isLent })),
      [
        { name: "A4:C1:37:00:00:01", address: "A4:C1:37:00:00:01", backlog: undefined, isLent: true },
        { name: "bms", address: undefined, backlog: undefined, isLent: false },
        { name: "solar", address: "C0:00:00:00:00:01", backlog: 3, isLent: false },
      ],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a machine without batteries has none", async () => {
  assert.deepEqual(await findBatteries(fakeServices({}), "/nowhere"), []);
});
