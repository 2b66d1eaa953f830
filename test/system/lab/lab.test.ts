// Agents over a real kernel and a real BlueZ, in virtual machines with a virtual Bluetooth controller: `npm run lab`.
// Needs root and Debian on x64; installs qemu, mmdebstrap and a compiler.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { buildDebian, writeArchive } from "../machine/debian.ts";
import { ensureHostTools } from "../machine/host-tools.ts";
import { openConsole } from "../machine/machine.ts";
import { bundlePrograms, CACHE, copyProject } from "../machine/programs.ts";
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
await makeInitrd();

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

/** Debian, and behind it the project, the lab's programs and this Node, which replace nothing of it. */
async function makeInitrd(): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "bms-lab-"));
  // It becomes the root, which every user of the machine enters.
  chmodSync(work, 0o755);
  try {
    const project = join(work, "opt/bms");
    mkdirSync(join(work, "usr/bin"), { recursive: true });
    cpSync(join(import.meta.dirname, "init.sh"), join(work, "init"));
    cpSync(process.execPath, join(work, "usr/bin/node"));
    copyProject(project, log);
    await bundlePrograms(join(project, "lab"), PROGRAMS);
    writeArchive(work, join(folder, "programs"));
    execFileSync("sh", ["-c", 'cat "$1" "$2" >"$3"', "sh", memoryRoot, join(folder, "programs"), initrd]);
    rmSync(join(folder, "programs"));
  } finally {
    rmSync(work, { recursive: true });
  }
}
