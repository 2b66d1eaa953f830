import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseEnvironmentFile } from "../../../../common/systemd/environment-file.ts";
import { formatAgentFile, groupIdOf, writeAgentFile } from "../../../../control/setup/env-file.ts";
import { fc } from "../../../support/property.ts";

const address = "A4:C1:37:00:00:01";

function inFolder(check: (folder: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), "bms-files-"));
  try {
    check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a file names its service and holds the settings", () => {
  assert.equal(
    formatAgentFile("solar", { address, interval: 2.5, driver: "jbd", adapter: "hci1" }),
    `# Options of bms-agent@solar, as in bms-agent --help.
# After a change: sudo systemctl restart bms-agent@solar
BMS_ADDRESS=A4:C1:37:00:00:01
BMS_INTERVAL=2.5
BMS_DRIVER=jbd
BMS_ADAPTER=hci1
`,
  );
});

test("any password survives the file", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter((pin) => !/[\r\n]/.test(pin) && pin.trim() === pin),
      (pin) => {
        const variables = parseEnvironmentFile(formatAgentFile("solar", { address, interval: 10, pin }));
        assert.equal(variables.get("BMS_PIN"), pin);
        assert.equal(variables.get("BMS_ADDRESS"), address);
      },
    ),
  );
});

test("a file written by hand is read as systemd reads it", () => {
  const text = `# BMS_ADDRESS=no\n;BMS_PIN=no\n\n BMS_ADDRESS = 12\nBMS_ADDRESS='A4:C1:37:00:00:02'\nBMS_METER="House \\"bank\\""\nnonsense\n`;
  assert.deepEqual(
    [...parseEnvironmentFile(text)],
    [
      ["BMS_ADDRESS", "A4:C1:37:00:00:02"],
      ["BMS_METER", 'House "bank"'],
    ],
  );
});

test("a file with a PIN is readable by owner and group only", () => {
  inFolder((folder) => {
    const group = process.getgid?.() ?? 0;
    writeAgentFile(folder, "locked", { address, interval: 10, pin: "123456" }, group);
    writeAgentFile(folder, "open", { address, interval: 10 }, group);
    const modes = ["locked.env", "open.env"].map((file) => statSync(join(folder, file)).mode & 0o777);
    assert.deepEqual(modes, [0o640, 0o644]);
    assert.equal(statSync(join(folder, "locked.env")).gid, group);
    assert.deepEqual(readdirSync(folder).sort(), ["locked.env", "open.env"]);
  });
});

test("a file that receives a PIN is never readable by all", () => {
  inFolder((folder) => {
    writeFileSync(join(folder, "solar.env"), "BMS_ADDRESS=x\n", { mode: 0o644 });
    writeFileSync(join(folder, "solar.env.new"), "left behind", { mode: 0o666 });
    writeAgentFile(folder, "solar", { address, interval: 10, pin: "123456" }, process.getgid?.() ?? 0);
    assert.equal(statSync(join(folder, "solar.env")).mode & 0o777, 0o640);
    assert.match(readFileSync(join(folder, "solar.env"), "utf8"), /BMS_PIN=123456/);
  });
});

test("a group's number is read from the group file", () => {
  inFolder((folder) => {
    const file = join(folder, "group");
    writeFileSync(file, "root:x:0:\nbms-x:x:5:\nbms:x:996:someone\n");
    assert.equal(groupIdOf("bms", file), 996);
    assert.equal(groupIdOf("telegraf", file), undefined);
  });
});
