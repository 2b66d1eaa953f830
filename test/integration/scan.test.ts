import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystem } from "./system.ts";

test("scan prints the devices in range with the drivers of batteries, as lines of JSON and as a table", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--thornwave", "2");
  const [json, table] = await Promise.all([
    system.runAgent("scan", "--seconds", "2", "--json"),
    system.runAgent("scan", "--seconds", "2"),
  ]);
  assert.equal(json.code, 0);
  const found = json.stdout.map((line) => JSON.parse(line));
  assert.deepEqual(found.map(({ address, kind }) => [address, kind]).sort(), [
    ["A4:C1:37:00:00:01", "jbd"],
    ["C0:00:00:00:00:01", "thornwave"],
    ["C0:00:00:00:00:02", "thornwave"],
  ]);
  for (const one of found) {
    const keys = ["address", "addressType", "name", "rssi", "services", "kind", "confidence", "why"];
    assert.deepEqual(Object.keys(one), keys);
    assert.equal(typeof one.rssi, "number");
  }
  assert.equal(table.code, 0);
  const [head = "", ...rows] = table.stdout;
  assert.match(head, /^address +type +name +signal +kind +why$/);
  assert.equal(rows.length, 3);
});

test("scan prints a remedy if nothing is in range", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--fault", "all=out-of-range");
  const scan = await system.runAgent("scan", "--seconds", "1", "--json");
  assert.equal(scan.code, 0);
  assert.deepEqual(scan.stdout, []);
  assert.match(scan.stderr.join("\n"), /no device found: switch the battery on/);
});
