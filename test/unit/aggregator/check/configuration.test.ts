import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseDuration, readConfiguration } from "../../../../aggregator/check/configuration.ts";

const folder = mkdtempSync(join(tmpdir(), "bms-telegraf-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "telegraf.d/home"), { recursive: true });
for (const [name, text] of [
  ["telegraf.conf", "[agent]\n  interval = '10s'\n"],
  ["telegraf.d/b.conf", "[[outputs.discard]]\n"],
  ["telegraf.d/home/a.conf", "[[outputs.file]]\n"],
  ["telegraf.d/a.conf.off", "[[outputs.file]]\n"],
  ["telegraf.d/broken.conf", "[agent]\n  interval = $INTERVAL\n"],
] as const) {
  writeFileSync(join(folder, name), text);
}

test("files are read as named, folders with every .conf below them, and each unreadable one is reported", async () => {
  const absent = join(folder, "absent.conf");
  const { files, unread } = await readConfiguration([
    join(folder, "telegraf.conf"),
    join(folder, "telegraf.d"),
    absent,
  ]);
  assert.deepEqual(
    files.map(({ path, content }) => [path, JSON.stringify(content)]),
    [
      [join(folder, "telegraf.conf"), '{"agent":{"interval":"10s"}}'],
      [join(folder, "telegraf.d/b.conf"), '{"outputs":{"discard":[{}]}}'],
      [join(folder, "telegraf.d/home/a.conf"), '{"outputs":{"file":[{}]}}'],
    ],
  );
  assert.deepEqual(unread, [
    `${join(folder, "telegraf.d/broken.conf")} was not checked: line 2 is not valid TOML`,
    `${absent} was not checked: it does not exist`,
  ]);
});

for (const [found, ms] of [
  ["10s", 10_000],
  ["1m30s", 90_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
  ["1d", 86_400_000],
  ["500us", 0.5],
  ["500µs", 0.5],
  ["1ns", 1e-6],
  ["0s", 0],
  ["30", 30_000],
  [30, 30_000],
  [0.5, 500],
  ["", undefined],
  ["soon", undefined],
  ["10s later", undefined],
  [undefined, undefined],
  [true, undefined],
] as const) {
  test(`duration ${JSON.stringify(found)}`, () => assert.equal(parseDuration(found), ms));
}
