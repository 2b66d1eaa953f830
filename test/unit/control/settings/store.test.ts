import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseAddress } from "../../../../common/model/address.ts";
import { factoryModeMarker, settingsDirectory } from "../../../../common/runtime/settings-directory.ts";
import { openPackStore, type PackStore } from "../../../../control/settings/store.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const ADDRESS = parseAddress("A4:C1:37:00:00:01") ?? assert.fail();
const AT = Date.UTC(2026, 10, 27, 19, 0, 5, 250);
const CHANGE = { register: 0x24, before: Uint8Array.of(0x0e, 0x42), after: Uint8Array.of(0x0e, 0x10) };

async function storeIn(t: TestContext): Promise<{ directory: string; store: PackStore }> {
  const directory = join(await temporaryFolder(t), "settings");
  const author = { user: "root", sudoUser: "anna" };
  return { directory, store: openPackStore({ directory, name: "house", address: ADDRESS, author, now: () => AT }) };
}

test("the state before a change is a file with its time", async (t) => {
  const { directory, store } = await storeIn(t);
  const file = store.save("cells = 4\n", AT);
  assert.equal(file, join(directory, "house/2026-11-27T19-00-05Z.toml"));
  assert.equal(readFileSync(file, "utf8"), "cells = 4\n");
});

test("a write is a line of the audit file, with the user who ran sudo", async (t) => {
  const { directory, store } = await storeIn(t);
  store.audit({ ...CHANGE, found: CHANGE.after });
  store.audit(CHANGE);
  const [first, second] = readFileSync(join(directory, "audit.jsonl"), "utf8").trimEnd().split("\n");
  assert.deepEqual(JSON.parse(first ?? ""), {
    time: "2026-11-27T19:00:05.250Z",
    user: "root",
    sudoUser: "anna",
    pack: "house",
    address: ADDRESS,
    register: "0x24",
    old: "0e42",
    new: "0e10",
    read: "0e10",
  });
  assert.equal(JSON.parse(second ?? "").read, null);
});

test("a change stays open until it has ended", async (t) => {
  const { store } = await storeIn(t);
  assert.equal(store.journal.read(), undefined);
  const change = { at: AT, file: "/x.toml", changes: [CHANGE], isCommitted: true };
  store.journal.begin(change);
  assert.deepEqual(store.journal.read(), change);
  store.journal.end();
  assert.equal(store.journal.read(), undefined);
});

test("a damaged journal is an error with what to do", async (t) => {
  const { directory, store } = await storeIn(t);
  store.journal.begin({ at: AT, file: "/x.toml", changes: [], isCommitted: false });
  writeFileSync(join(directory, "house/unfinished.json"), "{");
  assert.throws(() => store.journal.read(), { name: "UsageError", message: /is damaged: compare/ });
});

test("the marker is where the agent looks for it, and a link in its place is not followed", async (t) => {
  const { directory, store } = await storeIn(t);
  const marker = factoryModeMarker(directory, ADDRESS);
  store.marker.set();
  assert.ok(existsSync(marker));
  store.marker.clear();
  const target = join(directory, "precious");
  writeFileSync(target, "keep");
  symlinkSync(target, marker);
  store.marker.set();
  assert.equal(readFileSync(target, "utf8"), "keep");
  assert.equal(readFileSync(marker, "utf8"), "");
});

test("the directory is the given one, else in the user's state directory", () => {
  assert.equal(settingsDirectory({ BMS_SETTINGS_DIRECTORY: "/x" }), "/x");
  const own = settingsDirectory({ XDG_STATE_HOME: "/home/anna/state" });
  assert.ok(own === "/home/anna/state/bms/settings" || own === "/var/lib/bms/settings");
});
