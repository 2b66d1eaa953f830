// A house and a shed as two hosts with a slow link between them, in a virtual machine: programs are killed, the link is cut,
// addresses change, strangers attack. Then each answer of each battery is looked up in the rows of a real Telegraf.
// Needs root and Debian on x64; installs qemu and mmdebstrap.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildDebian } from "../machine/debian.ts";
import { ensureHostTools } from "../machine/host-tools.ts";
import { makeInitrd } from "../machine/initrd.ts";
import { runMachine } from "../machine/machine.ts";
import { CACHE, ROOT } from "../machine/programs.ts";
import { type Finding, formatSummary, subtest } from "../machine/report.ts";
import { snippet } from "../telegraf/snippet.ts";
import { ROWS, TELEGRAF_SOCKET } from "./guest/paths.ts";
import { parseHostsOptions } from "./options.ts";

const PROGRAMS = {
  guest: "test/system/hosts/guest/main.ts",
  attacker: "test/system/hosts/attacker/main.ts",
};
/** Two hosts and a hundred connections of attackers. */
const MEGABYTES = 1536;
const TELEGRAF_SETTINGS = `[agent]
  omit_hostname = true
  flush_interval = "1s"

[[outputs.file]]
  files = ["${ROWS}"]
  data_format = "influx"
  metric_buffer_limit = 100000
`;

const options = parseHostsOptions(process.argv.slice(2));
const log = (line: string) => void process.stderr.write(`hosts: ${line}\n`);

test(`two hosts with a slow link between them, seed ${options.seed}`, async (t) => {
  ensureHostTools(log);
  mkdirSync(CACHE, { recursive: true });
  const { kernel, memoryRoot } = buildDebian(CACHE, log);
  const share = mkdtempSync(join(tmpdir(), "bms-hosts-"));
  t.after(() => rmSync(share, { recursive: true }));
  const initrd = join(share, "initrd");
  const telegraf = execFileSync(join(ROOT, "test/system/telegraf/telegraf-binary"), { encoding: "utf8" }).trim();
  const settings = join(share, "telegraf.conf");
  const listener = snippet("battery.conf", {
    replace: { "unix:///run/telegraf/bms.sock": `unix://${TELEGRAF_SOCKET}` },
  });
  writeFileSync(settings, `${TELEGRAF_SETTINGS}\n${listener}`);
  const files = { "usr/bin/telegraf": telegraf, "opt/bms/hosts/telegraf.conf": settings };
  const init = join(import.meta.dirname, "init.sh");
  await makeInitrd(initrd, { memoryRoot, init, folder: "hosts", programs: PROGRAMS, files }, log);

  const words = [options.long ? "long" : "short", options.seed, ...options.parts];
  const console = join(share, "console.log");
  const findings: Finding[] = [];
  let isDone = false;
  for await (const message of runMachine({
    ...{ kernel, initrd, share, words, console, log },
    megabytes: MEGABYTES,
  })) {
    if (message.kind === "finding") {
      findings.push(message.finding);
      log(`${message.finding.verdict}: ${message.finding.expected} (${message.finding.seen})`);
      await subtest(t, message.finding);
    } else if (message.kind === "end") {
      isDone = true;
      t.diagnostic(`hosts: ${Math.round(message.seconds)} s of its clock, ${Math.round(message.busy * 100)} % busy`);
    }
  }
  for (const { expected, seen } of findings) t.diagnostic(`hosts: ${expected}: ${seen}`);
  t.diagnostic(`hosts: ${formatSummary(findings)}`);
  rmSync(initrd);
  if (!isDone || findings.some(({ verdict }) => verdict !== "passed")) keepEvidence(share);
  assert.ok(isDone, "the machine went off before its end");
});

/** Keeps the machine's files in the cache, to find the cause of a failure. */
function keepEvidence(share: string): void {
  const failed = join(CACHE, "failed-hosts");
  rmSync(failed, { recursive: true, force: true });
  cpSync(share, failed, { recursive: true });
  log(`files of the machine: ${failed}`);
}
