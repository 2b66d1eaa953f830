// The cost of the viewer beside the aggregator's: both under the flags of their units, at the same age, over the same readings.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { feedEndpoint } from "../../../common/wire/endpoint.ts";
import { type Program, startProcess } from "../../../simulator/program.ts";
import { usualDevices } from "../../../simulator/registry.ts";
import { createSystem } from "../../integration/system.ts";
import { until } from "../../support/until.ts";
import { readUnit } from "../measure/unit.ts";

const MEMORY_MAX_BYTES = 256 * 1024 * 1024;
const DIST = join(import.meta.dirname, "../../../dist");
/** Of three batteries: 60 readings a second. */
const INTERVAL_S = "0.05";
/** Readings before the measurement, and in it. */
const WARM_UP = 1_000;
const MEASURED = 2_000;
/** Of the kernel's clock ticks (USER_HZ), ms. */
const TICK_MS = 10;

function start(t: TestContext, name: string, args: readonly string[], onLine?: (line: string) => void): Program {
  const unit = readUnit(`${name}.service`);
  const command = [...unit.flags, join(DIST, `${name}.js`), ...args];
  const program = startProcess(process.execPath, command, {
    env: unit.env,
    ...(onLine && { onLine }),
  });
  t.after(() => program.stop("SIGKILL"));
  return program;
}

/** Time on a processor so far, ms. */
function cpuMs({ pid }: Program): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function privateDirtyBytes({ pid }: Program): number {
  return Number(/^Private_Dirty:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) * 1024;
}

for (const pages of [0, 1]) {
  test(`the viewer with ${pages} open pages beside the aggregator`, async (t) => {
    const system = createSystem(t);
    await system.startSimulator("--jbd", "2", "--thornwave", "1", "--latency", "1");
    let rows = 0;
    const aggregator = start(t, "bms-aggregator", ["--endpoint", system.endpoint, "--output", "-"], (line) => {
      if (/^m\d+,/.test(line)) rows += 1;
    });
    const viewer = start(t, "bms-viewer", [
      ...["--feed", feedEndpoint(system.endpoint), "--http", "127.0.0.1:0", "--alerts", "/dev/null"],
      ...["--history", join(system.folder, "history"), "--status", system.folder],
    ]);
    const url = /http:\S+/.exec(await viewer.logged(/showing .* at http:/))?.[0] ?? "";
    for (const [i, { address }] of usualDevices({ jbd: 2, thornwave: 1 }).entries()) {
      system.startAgent(`m${i + 1}`, address, "-i", INTERVAL_S);
    }
    for (let page = 0; page < pages; page += 1) {
      const request = get(`${url}events`, (answer) => answer.resume()).on("error", () => {});
      t.after(() => request.destroy());
    }
    const readings = (count: number) => until(`${count} readings`, () => rows >= count, 120_000);
    await readings(WARM_UP);
    const programs = { aggregator, viewer };
    const before = { aggregator: cpuMs(aggregator), viewer: cpuMs(viewer), rows };
    await readings(WARM_UP + MEASURED);
    const count = rows - before.rows;
    for (const name of ["aggregator", "viewer"] as const) {
      const bytes = privateDirtyBytes(programs[name]);
      const perThousand = ((cpuMs(programs[name]) - before[name]) / count) * 1_000;
      t.diagnostic(
        `${name}, ${pages} open pages: ${(bytes / 1e6).toFixed(1)} MB private dirty, ${perThousand.toFixed(0)} ms of CPU per 1,000 readings`,
      );
      assert.ok(bytes < MEMORY_MAX_BYTES);
    }
  });
}
