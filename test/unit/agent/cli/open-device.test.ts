import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { DeviceOptions } from "../../../../agent/cli/device-options.ts";
import { openDevice, readPin } from "../../../../agent/cli/open-device.ts";
import { RadioError } from "../../../../agent/radio/radio.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { UsageError } from "../../../../common/runtime/usage-error.ts";

async function inFolder(run: (choice: DeviceOptions, folder: string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "bms-reach-"));
  try {
    await run(
      {
        address: "A4:C1:37:00:00:01",
        drivers: [],
        radio: { kind: "simulated", simulator: join(folder, "simulator.sock") },
        pin: undefined,
        capture: undefined,
        logLevel: "info",
      },
      folder,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const open = (choice: DeviceOptions) => openDevice(choice, { clock: systemClock, log: silentLog });

test("a password file holds the password on its only line; blanks around it are ignored", async () => {
  await inFolder(async (choice, folder) => {
    const file = join(folder, "pin");
    writeFileSync(file, " 123456\n");
    const { target, release } = await open({ ...choice, pin: { file } });
    await release();
    assert.deepEqual(target.settings, { pin: "123456" });
  });
});

test("a credential may be absent or blank: then there is no password; one of two lines is refused", async () => {
  await inFolder(async (choice, folder) => {
    const credential = join(folder, "pin");
    assert.equal(readPin({ credential }), undefined);
    for (const [content, pin] of [
      ["\n", undefined],
      ["123456\n", "123456"],
    ] as const) {
      writeFileSync(credential, content);
      const { target, release } = await open({ ...choice, pin: { credential } });
      await release();
      assert.deepEqual(target.settings, pin === undefined ? {} : { pin });
    }
    writeFileSync(credential, "123456\n654321\n");
    assert.throws(() => readPin({ credential }), UsageError);
  });
});

for (const [about, content, remedy] of [
  ["is missing", undefined, /does not exist: create it/],
  ["is empty", "\n", /must hold the password on its only line$/],
  ["holds two lines", "123456\n654321\n", /must hold the password on its only line$/],
] as const) {
  test(`a password file that ${about} is refused with a remedy, and without its content`, async () => {
    await inFolder(async (choice, folder) => {
      const file = join(folder, "pin");
      if (content !== undefined) writeFileSync(file, content);
      await assert.rejects(
        open({ ...choice, pin: { file } }),
        (error) =>
          error instanceof UsageError &&
          error.message.includes(file) &&
          remedy.test(error.message) &&
          !/123456/.test(error.message),
      );
    });
  });
}

test("a device is locked until it is released, separately on each simulator", async () => {
  await inFolder(async (choice) => {
    const first = await open(choice);
    await assert.rejects(
      open(choice),
      (error) => error instanceof RadioError && error.fault === "busy" && /another bms-agent/.test(error.message),
    );
    const elsewhere = await open({ ...choice, radio: { kind: "simulated", simulator: "/another/simulator.sock" } });
    await elsewhere.release();
    await first.release();
    const second = await open(choice);
    await second.release();
  });
});
