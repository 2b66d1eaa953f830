import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { statusPath } from "../../../../common/runtime/status-file.ts";
import { findBatteries, timerOf } from "../../../../control/setup/batteries.ts";
import { agentStatusOf } from "../../../support/agent-status.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";

test("a battery has a file or a service; only a running one has a status", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bms-batteries-"));
  try {
    writeFileSync(join(folder, "solar.env"), "BMS_ADDRESS=c0:00:00:00:00:01\n");
    writeFileSync(join(folder, "bms.env"), "BMS_INTERVAL=10\n");
    writeFileSync(join(folder, "notes.txt"), "");
    for (const name of ["solar", "A4:C1:37:00:00:01"]) {
      mkdirSync(join(folder, name));
      writeFileSync(statusPath(join(folder, name)), JSON.stringify(agentStatusOf({ backlog: 3 })));
    }
    const systemd = fakeSystemd({
      "bms-agent@solar.service": { active: "active" },
      "bms-agent@A4:C1:37:00:00:01.service": { active: "inactive" },
      [`${timerOf("A4:C1:37:00:00:01")}.timer`]: { active: "active" },
    });
    const found = await findBatteries({ files: folder, pins: folder, runtime: folder, state: folder }, systemd);
    assert.deepEqual(
      found.map(({ name, address, status, isReleased }) => ({ name, address, backlog: status?.backlog, isReleased })),
      [
        { name: "A4:C1:37:00:00:01", address: "A4:C1:37:00:00:01", backlog: undefined, isReleased: true },
        { name: "bms", address: undefined, backlog: undefined, isReleased: false },
        { name: "solar", address: "C0:00:00:00:00:01", backlog: 3, isReleased: false },
      ],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a machine without batteries has none", async () => {
  assert.deepEqual(
    await findBatteries(
      { files: "/nowhere", pins: "/nowhere", runtime: "/nowhere", state: "/nowhere" },
      fakeSystemd({}),
    ),
    [],
  );
});
