import { chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { check, demand, expect } from "./check.ts";
import { areActive, eventually, run, systemctl, unit } from "./commands.ts";
import { NAMES, NEWER, PROGRAMS, SHARE } from "./paths.ts";
import { readingsFlow } from "./rows.ts";

const SNIPPET = "/etc/telegraf/telegraf.d/battery.conf";
const SYNCHRONISED = "/run/systemd/timesync/synchronized";
const SETTINGS = ["/etc/bms/agents/bms.env", "/etc/bms/agents/solar.env", "/etc/bms/agents/inverter.env"];

/** Follows docs/install.md: the package, then Telegraf and a database. */
export async function install(): Promise<void> {
  await setClock();
  await installDatabase();
  await demand("apt installs the package", async () => {
    await run("apt-get", "install", "-y", `${SHARE}/${packageFile()}`);
  });
  await check("the aggregator and the viewer run at once", () =>
    areActive("bms-aggregator", "bms-viewer", "bms-viewer.socket", "bms.target"),
  );
  await demand("Telegraf takes the snippet, with the output to VictoriaMetrics uncommented", async () => {
    copyFileSync("/usr/share/bms/telegraf/battery.conf", SNIPPET);
    // The command of docs/install.md.
    await run("sed", "-i", "/^## VictoriaMetrics/,/^$/s/^# //", SNIPPET);
    await systemctl("daemon-reload");
    await systemctl("restart", "telegraf");
    await areActive("telegraf", "victoria-metrics");
    return await run("telegraf", "--version");
  });
  await check("the manual: man finds a page for each program", async () => {
    const pages = await Promise.all(
      ["bms-agent", "bms-aggregator", "bms-viewer", "bmsctl"].map((name) => run("man", name)),
    );
    expect(
      pages.every((page) => /^OPTIONS$/m.test(page) && /^SEE ALSO$/m.test(page)),
      pages.join("\n").slice(0, 200),
    );
  });
  await check("the shell completes commands and options", async () => {
    const complete = (words: string) =>
      run(
        "bash",
        "-c",
        `source /usr/share/bash-completion/bash_completion; source /usr/share/bash-completion/completions/bmsctl
         COMP_WORDS=(${words}) COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMP_LINE="${words}" COMP_POINT=\${#COMP_LINE}
         $(complete -p bmsctl | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p') bmsctl "\${COMP_WORDS[COMP_CWORD]}" ""
         echo "\${COMPREPLY[*]}"`,
      );
    const seen = `re: ${await complete("bmsctl re")}; add --int: ${await complete("bmsctl add --int")}`;
    expect(seen === "re: release remove; add --int: --interval", seen);
    return seen;
  });
}

/** The clock is set by the host. Without a network no service would report it as synchronised. */
export async function setClock(): Promise<void> {
  await run("adjtimex", "--maxerror", "1000");
  mkdirSync("/run/systemd/timesync", { recursive: true });
  writeFileSync(SYNCHRONISED, "");
}

/** Installs Telegraf and VictoriaMetrics, which the package does not bring. */
async function installDatabase(): Promise<void> {
  copyFileSync(`${PROGRAMS}/telegraf`, "/usr/bin/telegraf");
  mkdirSync("/var/lib/telegraf", { recursive: true });
  const [uid, gid] = await Promise.all([run("id", "-u", "telegraf"), run("id", "-g", "telegraf")]);
  chownSync("/var/lib/telegraf", Number(uid), Number(gid));
  await setDedup(true);
  await systemctl("enable", "telegraf");
}

export async function setDedup(on: boolean): Promise<void> {
  const options = ["-storageDataPath=/var/lib/victoria-metrics", "-memory.allowedBytes=128MB"];
  if (on) options.push("-dedup.minScrapeInterval=1ms");
  writeFileSync("/etc/default/victoria-metrics", `ARGS="${options.join(" ")}"\n`);
  await systemctl("restart", "victoria-metrics");
  await eventually("VictoriaMetrics answers", async () => (await fetch("http://127.0.0.1:8428/health")).ok);
}

function packageFile(): string {
  return readdirSync(SHARE).find((name) => name.endsWith(".deb") && !name.includes(NEWER)) ?? "";
}

/** Installs a higher version while everything runs. */
export async function upgrade(): Promise<void> {
  const read = () => SETTINGS.map((file) => readFileSync(file, "utf8")).join("");
  const before = read();
  await demand("apt upgrades the package while everything runs", async () => {
    await run("apt-get", "install", "-y", `${SHARE}/bms_${NEWER}_amd64.deb`);
    return await run("dpkg-query", "--show", "bms");
  });
  await check("the settings stay", async () => expect(read() === before, read()));
  await check("all services run the new version, and read", async () => {
    await areActive(...NAMES.map(unit), "bms-aggregator", "bms-viewer");
    return await readingsFlow();
  });
}
