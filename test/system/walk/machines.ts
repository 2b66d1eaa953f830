import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import { until } from "../../support/until.ts";
import { ROOT } from "../machine/programs.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** A fresh Debian with systemd as its first process, in a container. */
export interface Machine {
  readonly name: string;
  /** Folder in which this test sees the machine's files. */
  path(file: string): string;
  /** Runs a command of the test, as root. Returns its stdout. @throws {Error} with its output, where it fails */
  run(script: string): string;
  /** Opens another terminal of the machine's owner. */
  terminal(): Terminal;
  /** Stops all packets from and to the machine, silently, or lets them pass again. */
  setLink(up: boolean): void;
}

export interface MachinePlan {
  readonly name: string;
  /** Other names by which the machines reach it. */
  readonly aliases?: readonly string[];
}

/** The folder that prepare.ts has filled. */
const { WALK_FILES: FILES = "no files: start these tests with test/system/walk/run" } = process.env;
/** The journals of the machines. */
const EVIDENCE = join(ROOT, ".cache/walk/journals");
const BRIDGE = "walk";
const NETWORK = "10.99.0";
const CGROUPS = ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"];

/**
 * Starts machines on copies of a fresh Debian in memory, in one network, with the files of prepare.ts at /packages and /share.
 * They end with the test.
 */
export async function startMachines(t: TestContext, plans: readonly MachinePlan[]): Promise<Machine[]> {
  const work = mkdtempSync("/run/walk-");
  execFileSync("ip", ["link", "add", BRIDGE, "type", "bridge"]);
  execFileSync("ip", ["link", "set", BRIDGE, "up"]);
  t.after(() => execFileSync("ip", ["link", "delete", BRIDGE]));
  const hosts = plans.map(({ name, aliases = [] }, at) => `${NETWORK}.${at + 2} ${[name, ...aliases].join(" ")}`);
  return await Promise.all(
    plans.map(async ({ name }, at) => {
      const root = copyInMemory(join(FILES, "debian/root"), join(work, name));
      writeFileSync(join(root, "etc/hostname"), `${name}\n`);
      writeFileSync(join(root, "etc/hosts"), ["127.0.0.1 localhost", ...hosts, ""].join("\n"));
      // A journal on the disk, which the end of the test reads.
      mkdirSync(join(root, "var/log/journal"), { recursive: true });
      const leader = await boot(t, name, root, ["packages", "share"]);
      const inside = ["--target", leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
      const run = (script: string) =>
        execFileSync("nsenter", [...inside, "sh", "-c", script], { encoding: "utf8", stdio: "pipe", timeout: 120_000 });
      await until(
        `${name} has started`,
        () => /running|degraded/.test(run("systemctl is-system-running || true")),
        60_000,
      );
      run(
        `ip addr add ${NETWORK}.${at + 2}/24 dev host0 && ip link set host0 up && ip route add default dev host0 && apt-get update -qq`,
      );
      mkdirSync(EVIDENCE, { recursive: true });
      // No network service says that the clock is right.
      run("mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized");
      const path = (file: string) => join("/proc", leader, "root", file);
      return {
        name,
        path,
        run,
        terminal: () => openTerminal(t, { name, path, command: ["nsenter", ...inside] }),
        setLink(up) {
          execFileSync("ip", ["link", "set", `vb-${name}`, ...(up ? ["master", BRIDGE] : ["nomaster"])]);
        },
      };
    }),
  );
}

function copyInMemory(root: string, folder: string): string {
  const at = (name: string) => join(folder, name);
  const [upper, work, merged] = [at("upper"), at("work"), at("root")];
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "walk", folder]);
  for (const path of [upper, work, merged]) mkdirSync(path);
  execFileSync("mount", ["-t", "overlay", "walk", "-o", `lowerdir=${root},upperdir=${upper},workdir=${work}`, merged]);
  return merged;
}

/** Returns the process number of the container's first process. */
async function boot(t: TestContext, name: string, root: string, shared: readonly string[]): Promise<string> {
  const cgroups = CGROUPS.filter((folder) => existsSync(join(folder, "cgroup.procs"))).map((folder) =>
    join(folder, `${basename(FILES)}-${name}`),
  );
  for (const folder of cgroups) mkdirSync(folder, { recursive: true });
  const options = [
    ...[
      "--boot",
      "--quiet",
      "--register=no",
      "--keep-unit",
      "--console=pipe",
      "--resolv-conf=off",
      "--timezone=off",
      "--capability=CAP_IPC_LOCK",
    ],
    ...[`--machine=${name}`, `--directory=${root}`, `--network-bridge=${BRIDGE}`],
    ...shared.map((name) => `--bind-ro=${join(FILES, name)}:/${name}`),
  ];
  // Each container in control groups of its own, or their services would share them.
  const enter = cgroups.map((folder) => `echo $$ >${folder}/cgroup.procs`).join("; ");
  const nspawn = spawn("sh", ["-c", `${enter}; exec systemd-nspawn "$@"`, "sh", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  nspawn.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  let ended = false;
  const end = new Promise<void>((resolve) => nspawn.once("close", () => resolve()));
  nspawn.once("close", () => {
    ended = true;
  });
  const leader = await until(`${name} boots`, () => {
    if (ended) throw new Error(`systemd-nspawn ended: ${stderr}`);
    const [child] = readFileSync(`/proc/${nspawn.pid}/task/${nspawn.pid}/children`, "utf8").trim().split(" ");
    return child && readFileSync(`/proc/${child}/comm`, "utf8").startsWith("systemd\n") ? child : undefined;
  });
  t.after(async () => {
    const journal = ["--directory", join("/proc", leader, "root/var/log/journal"), "--no-pager"];
    writeFileSync(join(EVIDENCE, name), execFileSync("journalctl", journal, { maxBuffer: 1e8 }));
    process.kill(Number(leader), "SIGKILL");
    await end;
  });
  chmodSync(root, 0o755);
  return leader;
}

/** Copies a file as a reader does with scp, from one home directory to another. */
export function copyHome(from: Machine, to: Machine, file: string): void {
  copyFileSync(from.path(`/home/owner/${file}`), to.path(`/home/owner/${file}`));
}
