import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { startProgram } from "../../simulator/program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
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
  assert.equal(scan.code, 1);
  assert.deepEqual(scan.stdout, []);
  assert.match(scan.stderr.join("\n"), /no device found: switch the battery on/);
});

test("whatever a device calls itself, nothing that controls a terminal is printed", async (t) => {
  const name = "Batt\u001b]0;x\u0007\u009b2J\u202ereverse\u200b\u2028\u0000";
  const socket = join(await temporaryFolder(t), "radio.sock");
  const heard = { event: "advertised", address: "A4:C1:37:00:00:01", addressType: "public", rssi: -60 };
  const radio = createServer((client) => {
    client.on("data", () => client.write(`${JSON.stringify({ ...heard, name, services: [], manufacturer: [] })}\n`));
    client.on("error", () => {});
  }).listen(socket);
  t.after(() => radio.close());
  const env = { BMS_SIMULATOR: socket, BMS_RADIO: "simulated" };
  const scan = (...args: string[]) => startProgram("bms-agent", ["scan", "--seconds", "1", ...args], { env });
  const scans = [scan(), scan("--json")];
  await Promise.all(scans.map(({ ended }) => ended));
  const [table = [], [json = ""] = []] = scans.map(({ stdout }) => stdout);
  for (const line of [...table, json]) assert.match(line, /^[ -~]+$/);
  assert.match(table[1] ?? "", /Batt\]0;x2J\\u202ereverse\\u200b\\u2028 /);
  assert.equal(JSON.parse(json).name, "Batt]0;x2J\u202ereverse\u200b\u2028");
});
