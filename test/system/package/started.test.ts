import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Program, startProcess, startProgram } from "../../../simulator/program.ts";
import { listenForDatagrams } from "../../support/datagrams.ts";
import { ARCHITECTURES, type Architecture, NATIVE, tree } from "./packages.ts";

/** From test/package/run. */
const { TEST_EMULATOR: EMULATOR = "", TEST_LIBRARIES: LIBRARIES = "" } = process.env;

/** A program of the package as its unit starts it. */
function startPackaged(t: TestContext, arch: Architecture, name: string, args: string[], env: Record<string, string>) {
  const library = join(tree(arch), "usr/lib/bms");
  const command = [join(library, "node"), "--jitless", "--max-semi-space-size=1"];
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

    const manager = listenForDatagrams(`${folder}/notify\0`);
    t.after(() => manager.close());
    const env = { NOTIFY_SOCKET: `${folder}/notify`, BMS_SIMULATOR: join(folder, "simulator") };
    const endpoint = ["--endpoint", `ipc://${folder}/readings`];
    const aggregator = startPackaged(t, arch, "bms-aggregator", [...endpoint, "--output", "-"], env);
    await aggregator.logged(/listening on/);
    await heard(manager, "READY=1");

    const wishes = ["-b", "A4:C1:37:00:00:01", "-m", "bms", "--radio", "simulated", "--once"];
    const agent = startPackaged(t, arch, "bms-agent", [...wishes, ...endpoint], env);
    assert.deepEqual(await agent.ended, { code: 0, signal: null }, agent.stderr.join("\n"));
    await row(aggregator);
    await heard(manager, "READY=1");
    assert.deepEqual(await aggregator.stop(), { code: 0, signal: null });
  });
}

/** Waits until the manager has been told `message`; what else it is told is left aside. */
async function heard(manager: { received(): string[] }, message: string): Promise<void> {
  for (;;) {
    if (manager.received().includes(message)) return;
    await sleep(20);
  }
}

/** The first row of meter bms, with its voltage. */
async function row(aggregator: Program): Promise<void> {
  const lines = () => aggregator.stdout.filter((line) => line.startsWith("bms,"));
  while (lines().length === 0) await once(aggregator.process.stdout ?? aggregator.process, "data");
  assert.match(aggregator.stdout.find((line) => line.startsWith("meter,")) ?? "", /^meter,time,volts,/);
}
