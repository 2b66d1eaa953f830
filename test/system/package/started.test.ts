import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Program, startProcess, startProgram } from "../../../simulator/program.ts";
import { readUnit } from "../../bench/measure/unit.ts";
import { listenForDatagrams } from "../../support/datagrams.ts";
import { until } from "../../support/until.ts";
import { ARCHITECTURES, type Architecture, NATIVE, tree } from "./packages.ts";

/** Set by test/system/package/run. */
const { TEST_EMULATOR: EMULATOR = "", TEST_LIBRARIES: LIBRARIES = "" } = process.env;

/** Starts a program of the package with the flags of its unit. */
function startPackaged(t: TestContext, arch: Architecture, name: string, args: string[], env: Record<string, string>) {
  const library = join(tree(arch), "usr/lib/bms");
  const unit = readUnit(name === "bms-agent" ? "bms-agent@.service" : `${name}.service`);
  const command = [join(library, "node"), ...unit.flags];
  const emulated = arch === NATIVE ? [] : [EMULATOR, "-L", LIBRARIES];
  const [program = "", ...words] = [...emulated, ...command, join(library, `${name}.js`), ...args];
  const started = startProcess(program, words, { env });
  t.after(() => started.stop("SIGKILL"));
  return started;
}

for (const arch of ARCHITECTURES) {
  const skip = arch !== NATIVE && !EMULATOR && `NOT SHOWN: no emulator for ${arch} here`;
  test(`${arch}: a reading goes from a simulated battery through both programs`, {
    skip,
    timeout: 120_000,
  }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "bms-started-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const simulator = startProgram("simulator", ["--socket", join(folder, "simulator"), "--jbd", "1"]);
    t.after(() => simulator.stop("SIGKILL"));
    await simulator.logged(/listening/);

    const notifications = listenForDatagrams(`${folder}/notify\0`);
    t.after(() => notifications.close());
    const ready = () => until("READY=1", () => notifications.received().includes("READY=1"));
    const env = { NOTIFY_SOCKET: `${folder}/notify`, BMS_SIMULATOR: join(folder, "simulator") };
    const endpoint = ["--endpoint", `ipc://${folder}/readings`];
    const aggregator = startPackaged(t, arch, "bms-aggregator", [...endpoint, "--output", "-"], env);
    await aggregator.logged(/listening on/);
    await ready();

    const options = ["-b", "A4:C1:37:00:00:01", "-m", "bms", "--radio", "simulated", "--once"];
    const agent = startPackaged(t, arch, "bms-agent", [...options, ...endpoint], env);
    assert.deepEqual(await agent.ended, { code: 0, signal: null }, agent.stderr.join("\n"));
    await firstRow(aggregator);
    await ready();
    assert.deepEqual(await aggregator.stop(), { code: 0, signal: null });
  });
}

/** The first row of meter bms begins its document with the voltage. */
async function firstRow(aggregator: Program): Promise<void> {
  await until("a row of meter bms", () => aggregator.stdout.some((line) => line.startsWith("bms,")));
  assert.match(aggregator.stdout.find((line) => line.startsWith("meter,")) ?? "", /^meter,time,volts,/);
}
