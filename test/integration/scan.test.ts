import assert from "node:assert/strict";
import { test } from "node:test";
import { startProgram } from "../../simulator/program.ts";
import { createSystem } from "./system.ts";

test("scan shows what is in range, batteries known by their kind, as lines of JSON and as a table", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--thornwave", "2");
  const env = { BMS_SIMULATOR: system.simulatorSocket, BMS_RADIO: "simulated" };
  const [json, table] = [["--json"], []].map((more) =>
    startProgram("bms-agent", ["scan", "--seconds", "2", ...more], { env }),
  );
  assert.ok(json && table);
  assert.deepEqual(await json.ended, { code: 0, signal: null });
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
  assert.deepEqual(await table.ended, { code: 0, signal: null });
  const [head = "", ...rows] = table.stdout;
  assert.match(head, /^address +type +name +signal +kind +why$/);
  assert.equal(rows.length, 3);
});

test("scan says what to do where nothing is in range", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "1", "--fault", "all=out-of-range");
  const env = { BMS_SIMULATOR: system.simulatorSocket, BMS_RADIO: "simulated" };
  const scan = startProgram("bms-agent", ["scan", "--seconds", "1", "--json"], { env });
  assert.deepEqual(await scan.ended, { code: 0, signal: null });
  assert.deepEqual(scan.stdout, []);
  assert.match(scan.stderr.join("\n"), /no device found: switch the battery on/);
});
