import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystem, deviceColumns, expectedRows } from "./system.ts";

const DEVICES = [
  ["pack4", "A4:C1:37:00:00:01"],
  ["pack8", "A4:C1:37:00:00:02"],
  ["pack16", "A4:C1:37:00:00:03"],
  ["pack32", "A4:C1:37:00:00:05"],
  ["thornwave1", "C0:00:00:00:00:01"],
  ["thornwave2", "C0:00:00:00:00:02"],
] as const;

test("every answer of a battery is in the CSV once, value by value", async (t) => {
  const system = createSystem(t);
  await system.startSimulator("--jbd", "5", "--thornwave", "2", "--seed", "7", "--latency", "1");
  await system.startAggregator();
  const siteOf = (meter: string) => (meter === "pack8" ? ["--site", "shed"] : []);
  const agents = DEVICES.map(([meter, address]) => system.startAgent(meter, address, "-i", "0.1", ...siteOf(meter)));
  await system.until(() => DEVICES.every(([meter]) => system.measured(meter).length >= 10));
  for (const end of await Promise.all(agents.map((agent) => agent.stop("SIGINT")))) assert.equal(end.code, 0);

  const answers = system.answers();
  await system.until(() =>
    DEVICES.every(([meter, device]) => system.measured(meter).length >= expectedRows(answers, device).length),
  );
  for (const [meter, device] of DEVICES) {
    assert.deepEqual(system.measured(meter).map(deviceColumns), expectedRows(answers, device), meter);
    const sites = new Set(system.rows(meter).map(({ site }) => site));
    assert.deepEqual([...sites], [siteOf(meter)[1]], meter);
    const times = system.rows(meter).map((row) => Number(row.time));
    assert.ok(
      times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0)),
      `times of ${meter} rise strictly`,
    );
  }
});
