import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readPin } from "../../../../agent/cli/open-device.ts";
import { parseEnvironmentFile } from "../../../../common/systemd/environment-file.ts";
import { formatAgentFile, writeAgentFile, writePinFile } from "../../../../control/setup/env-file.ts";
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
    formatAgentFile("solar", { address, interval: 2.5, site: "shed", driver: "jbd", adapter: "hci1" }),
    `# Options of bms-agent@solar, as in bms-agent --help.
# After a change: sudo systemctl restart bms-agent@solar
BMS_ADDRESS=A4:C1:37:00:00:01
BMS_INTERVAL=2.5
BMS_SITE=shed
BMS_DRIVER=jbd
BMS_ADAPTER=hci1
`,
  );
});

test("any password survives its file", () => {
  inFolder((folder) => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((pin) => !/[\r\n]/.test(pin) && pin.trim() === pin),
        (pin) => {
          writePinFile(folder, "solar", pin);
          assert.equal(readPin({ credential: join(folder, "solar") }), pin);
        },
      ),
    );
  });
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

test("a password is for its owner alone, at any time and whatever was there before; settings are for everybody", () => {
  inFolder((folder) => {
    writeFileSync(join(folder, "solar"), "654321\n", { mode: 0o644 });
    writeFileSync(join(folder, "solar.new"), "left behind", { mode: 0o666 });
    writePinFile(folder, "solar", "123456");
    writeAgentFile(folder, "solar", { address, interval: 10 });
    const seen = readdirSync(folder).map((file) => [file, statSync(join(folder, file)).mode & 0o777]);
    assert.deepEqual(seen.sort(), [
      ["solar", 0o600],
      ["solar.env", 0o644],
    ]);
    assert.equal(readFileSync(join(folder, "solar"), "utf8"), "123456\n");
  });
});
