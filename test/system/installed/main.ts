// The package on a whole Debian with systemd as its first process, in a virtual machine with a virtual Bluetooth adapter:
// installed by apt, batteries set up, killed, blocked, lent, rebooted in an outage, upgraded, examined, removed, purged.
// Real are BlueZ, Telegraf and VictoriaMetrics. Needs root and Debian on x64; installs qemu and mmdebstrap.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureHostTools } from "../lab/image/host-tools.ts";
import { bootMachine } from "../lab/machine/machine.ts";
import { bundlePrograms, ROOT } from "../lab/machine/project.ts";
import { type Debian, debianDisk } from "./debian.ts";
import { END, REBOOT } from "./guest/lines.ts";
import { NEWER } from "./guest/places.ts";
import { judgeReadings } from "./readings.ts";

const CACHE = join(ROOT, ".cache/installed");
const PROGRAMS = {
  guest: "test/system/installed/guest/main.ts",
  controller: "test/system/lab/controller/main.ts",
  sabotage: "test/system/lab/guest/sabotage.ts",
};
const HOST_TOOLS = { mmdebstrap: "mmdebstrap", mke2fs: "e2fsprogs" };
/** A machine that says nothing for so long has hung. */
const SILENT_FOR_MS = 300_000;

const say = (line: string) => void process.stderr.write(`installed: ${line}\n`);

async function main(): Promise<number> {
  ensureHostTools(say, HOST_TOOLS);
  mkdirSync(CACHE, { recursive: true });
  const debian = debianDisk(CACHE, say);
  const work = mkdtempSync(join(tmpdir(), "bms-installed-"));
  try {
    const share = join(work, "share");
    await fillShare(share);
    const disk = join(work, "disk");
    execFileSync("cp", ["--sparse=always", debian.disk, disk]);
    const lines = await bootUntilEnd({ ...debian, disk }, share, join(CACHE, "console"));
    if (lines.includes(END)) lines.push(...judgeReadings(share));
    const failed = lines.filter((line) => line.startsWith("FAILED"));
    const held = lines.filter((line) => line.startsWith("ok"));
    process.stdout.write(`installed: ${held.length} things hold, ${failed.length} do not\n`);
    if (failed.length > 0 || !lines.includes(END)) {
      rmSync(join(CACHE, "failed"), { recursive: true, force: true });
      cpSync(share, join(CACHE, "failed"), { recursive: true, filter: (path) => !path.endsWith(".deb") });
      say(`what the machine left: ${join(CACHE, "failed")}`);
    }
    return failed.length === 0 && lines.includes(END) ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What the machine finds in /share. */
async function fillShare(share: string): Promise<void> {
  const programs = join(share, "programs");
  mkdirSync(programs, { recursive: true });
  for (const { name, contents } of await bundlePrograms(PROGRAMS)) writeFileSync(join(programs, name), contents);
  // The bundles are ES modules.
  writeFileSync(join(programs, "package.json"), '{ "type": "module" }\n');
  const telegraf = execFileSync(join(ROOT, "test/system/telegraf/telegraf-binary"), { encoding: "utf8" }).trim();
  cpSync(telegraf, join(programs, "telegraf"));
  makePackage(share, ["--version", NEWER]);
  const unpacked = join(share, "unpacked");
  execFileSync("dpkg-deb", ["--extract", makePackage(share), unpacked]);
  cpSync(join(unpacked, "usr/lib/bms/node"), join(programs, "node"));
  rmSync(unpacked, { recursive: true });
}

/** The path of the package. */
function makePackage(folder: string, further: readonly string[] = []): string {
  const script = join(ROOT, "scripts/package/package.ts");
  const options = ["--arch", "amd64", "--compression", "none", "--out", folder, ...further];
  return execFileSync(process.execPath, ["--import", "tsx", script, ...options], { encoding: "utf8" }).trim();
}

/** Boots the machine, anew as often as it reboots itself, and prints what it says. Resolves with all of it. */
async function bootUntilEnd({ kernel, initrd, disk }: Debian, share: string, console: string): Promise<string[]> {
  const lines: string[] = [];
  for (let boot = 1; boot === 1 || lines.at(-1) === REBOOT; boot++) {
    const machine = bootMachine({
      kernel,
      initrd,
      disk,
      share,
      words: [`boot${boot}`],
      console: { file: `${console}-${boot}.log` },
    });
    const hang = () => {
      lines.push(`FAILED the machine said nothing for ${SILENT_FOR_MS / 1000} s`);
      machine.kill();
    };
    let watchdog = setTimeout(hang, SILENT_FOR_MS);
    for await (const line of machine.report) {
      clearTimeout(watchdog);
      watchdog = setTimeout(hang, SILENT_FOR_MS);
      process.stdout.write(`${line}\n`);
      lines.push(line);
    }
    clearTimeout(watchdog);
    await machine.off;
  }
  return lines;
}

process.exitCode = await main();
