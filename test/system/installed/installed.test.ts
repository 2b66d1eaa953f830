// The package on a whole Debian with systemd as its first process, in a virtual machine with a virtual Bluetooth adapter:
// installed by apt, batteries added, killed, blocked, lent, rebooted in an outage, upgraded, examined, removed, purged.
// BlueZ, Telegraf and VictoriaMetrics are real. Needs root and Debian on x64; installs qemu and mmdebstrap.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildDebian } from "../machine/debian.ts";
import { ensureHostTools } from "../machine/host-tools.ts";
import { runMachine } from "../machine/machine.ts";
import { bundlePrograms, CACHE, ROOT } from "../machine/programs.ts";
import { type Finding, formatSummary, subtest } from "../machine/report.ts";
import { NEWER } from "./guest/paths.ts";
import { judgeReadings } from "./readings.ts";

const PROGRAMS = {
  guest: "test/system/installed/guest/main.ts",
  controller: "test/system/lab/controller/main.ts",
  "fault-hooks": "test/system/lab/guest/fault-hooks.ts",
  intruder: "test/system/intruder/main.ts",
};
/** Findings whose figures are repeated at the end. */
const IN_SUMMARY = /no poll|by the watchdog|a period late|tried had|outage|delivered|stored once|every fault was made/;

const log = (line: string) => void process.stderr.write(`installed: ${line}\n`);

test("the package on Debian", async (t) => {
  ensureHostTools(log);
  mkdirSync(CACHE, { recursive: true });
  const { kernel, disk: pristine, diskInitrd: initrd } = buildDebian(CACHE, log);
  const work = mkdtempSync(join(tmpdir(), "bms-installed-"));
  const [share, disk] = [join(work, "share"), join(work, "disk")];
  const findings: Finding[] = [];
  const found = async (finding: Finding) => {
    findings.push(finding);
    await subtest(t, finding);
  };
  t.after(() => rmSync(work, { recursive: true }));
  await fillShare(share);
  execFileSync("cp", ["--sparse=always", pristine, disk]);
  const part = process.env.INSTALLED_PART ? [process.env.INSTALLED_PART] : [];
  let boots: "more" | "done" | "failed" = "more";
  for (let boot = 1; boots === "more"; boot++) {
    boots = "failed";
    const console = join(CACHE, `console-${boot}.log`);
    for await (const message of runMachine({
      kernel,
      initrd,
      disk,
      share,
      words: [`boot${boot}`, ...part],
      console,
      log,
    })) {
      if (message.kind === "finding") await found(message.finding);
      else boots = message.kind === "reboot" ? "more" : "done";
    }
  }
  if (boots === "done") await found(judgeReadings(share));
  for (const { expected, seen } of findings.filter(({ expected }) => IN_SUMMARY.test(expected))) {
    t.diagnostic(`installed: ${expected}: ${seen}`);
  }
  t.diagnostic(`installed: ${formatSummary(findings)}`);
  if (boots === "failed" || findings.some(({ verdict }) => verdict !== "passed")) keepEvidence(share);
  assert.equal(boots, "done", "the machine went off before its end");
});

/** Writes the files that the machine finds in /share. */
async function fillShare(share: string): Promise<void> {
  const programs = join(share, "programs");
  await bundlePrograms(programs, PROGRAMS);
  const telegraf = execFileSync(join(ROOT, "test/system/telegraf/telegraf-binary"), { encoding: "utf8" }).trim();
  cpSync(telegraf, join(programs, "telegraf"));
  makePackage(share, ["--version", NEWER]);
  const unpacked = join(share, "unpacked");
  execFileSync("dpkg-deb", ["--extract", makePackage(share), unpacked]);
  cpSync(join(unpacked, "usr/lib/bms/node"), join(programs, "node"));
  rmSync(unpacked, { recursive: true });
}

/** Returns the path of the package. */
function makePackage(folder: string, further: readonly string[] = []): string {
  const script = ["--import", "tsx", join(ROOT, "scripts/package/package.ts")];
  const options = ["--arch", "amd64", "--compression", "none", "--out", folder, ...further];
  return execFileSync(process.execPath, [...script, ...options], { cwd: ROOT, encoding: "utf8" }).trim();
}

/** Keeps the machine's files in the cache, to find the cause of a failure. */
function keepEvidence(share: string): void {
  const failed = join(CACHE, "failed");
  rmSync(failed, { recursive: true, force: true });
  cpSync(share, failed, { recursive: true, filter: (path) => !path.endsWith(".deb") });
  log(`files of the machine: ${failed}`);
}
