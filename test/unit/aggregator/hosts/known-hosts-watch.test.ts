import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openHostBook } from "../../../../aggregator/hosts/known-hosts-watch.ts";
import { addKnownHost } from "../../../../common/hosts/known-hosts.ts";
import { x25519Pair } from "../../../../common/hosts/x25519.ts";
import { type Clock, virtualClock } from "../../../../common/runtime/clock.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

test("the known hosts follow their file within a second; a damaged line is logged and skipped", async (t) => {
  const file = join(await temporaryFolder(t), "hosts");
  const clock = virtualClock();
  const logged: string[] = [];
  const write = (line: string) => void logged.push(line);
  let changes = 0;
  const changed = () => {
    changes += 1;
  };
  const book = openHostBook(file, { clock, log: { error: write, warn: write, info: write, debug: write }, changed });
  assert.deepEqual(book.hosts, []);

  const shed = { name: "shed", publicKey: x25519Pair().publicKey };
  writeFileSync(file, `${addKnownHost("", shed)}boat 12345\n`);
  await clock.sleep(1_001);
  assert.deepEqual(book.hosts, [shed]);
  assert.deepEqual(book.byKey(shed.publicKey), shed);
  assert.match(logged.join("\n"), /hosts, line 2: the key of boat .*: the line is skipped/);

  rmSync(file);
  await clock.sleep(1_001);
  assert.equal(book.byKey(shed.publicKey), undefined);
  assert.equal(changes, 2);
  book.close();
});

test("a host that has just been added is found without waiting for the next look", async (t) => {
  const file = join(await temporaryFolder(t), "hosts");
  const standing: Clock = { ...virtualClock(), timer: () => () => {} };
  let changes = 0;
  const changed = () => {
    changes += 1;
  };
  const book = openHostBook(file, { clock: standing, log: silentLog, changed });
  const { publicKey } = x25519Pair();
  assert.equal(book.byKey(publicKey), undefined);
  assert.equal(changes, 0);
  writeFileSync(file, addKnownHost("", { name: "shed", publicKey }));
  assert.equal(book.byKey(publicKey)?.name, "shed");
  assert.equal(changes, 1);
  book.close();
});
