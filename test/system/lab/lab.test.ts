// Agents over a real kernel and a real BlueZ, in virtual machines with a virtual Bluetooth controller: `npm run lab`.
// Needs root and Debian on x64; installs qemu, mmdebstrap and a compiler.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { join } from "node:path";
import { buildDebian } from "../machine/debian.ts";
import { ensureHostTools } from "../machine/host-tools.ts";
import { makeInitrd } from "../machine/initrd.ts";
import { openConsole } from "../machine/machine.ts";
import { CACHE } from "../machine/programs.ts";
import { formatSummary, subtest } from "../machine/report.ts";
import { parseLabOptions, SHELL } from "./options.ts";
import { runScenario } from "./scenario-run.ts";

const PROGRAMS = {
  guest: "test/system/lab/guest/main.ts",
  controller: "test/system/lab/controller/main.ts",
  control: "test/system/lab/guest/control-command.ts",
  "fault-hooks": "test/system/lab/guest/fault-hooks.ts",
  "raw-hci-client": "test/system/lab/guest/raw-hci-client.ts",
};
/** Runs whose logs are kept. */
const KEPT_RUNS = 5;
/** Memory of the host that one machine takes. */
const MACHINE_BYTES = 1.5 * 2 ** 30;

const options = parseLabOptions(process.argv.slice(2));
const log = (line: string) => void process.stderr.write(`lab: ${line}\n`);
ensureHostTools(log);
mkdirSync(CACHE, { recursive: true });
const { kernel, memoryRoot } = buildDebian(CACHE, log);
const folder = newRun();
const initrd = join(folder, "initrd");
const init = join(import.meta.dirname, "init.sh");
await makeInitrd(initrd, { memoryRoot, init, folder: "lab", programs: PROGRAMS }, log);

if (options.scenarios[0] === SHELL) {
  await openConsole({ kernel, initrd, share: folder, words: [SHELL] });
  rmSync(initrd);
} else {
  const { after, describe, test } = await import("node:test");
  const machines = Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / MACHINE_BYTES)));
  describe("agents over a real kernel and BlueZ", { concurrency: machines }, () => {
    after(() => {
      rmSync(initrd);
      log(`all logs: ${folder}`);
    });
    for (const scenario of options.scenarios) {
      test(scenario, async (t) => {
        const logScenario = (line: string) => log(`${scenario}: ${line}`);
        const { kills } = options;
        const findings = await runScenario({ scenario, kills, kernel, initrd, folder, log: logScenario });
        for (const finding of findings) await subtest(t, finding);
        t.diagnostic(`${scenario}: ${formatSummary(findings)}`);
      });
    }
  });
}

/** A new folder for logs; removes the oldest. */
function newRun(): string {
  const runs = readdirSync(CACHE).filter((name) => name.startsWith("run-"));
  for (const old of runs.sort().slice(0, 1 - KEPT_RUNS)) rmSync(join(CACHE, old), { recursive: true });
  const run = join(CACHE, `run-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`);
  mkdirSync(run);
  return run;
}
