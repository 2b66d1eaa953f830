// Writes dist/manual: a man page and a bash completion for each program, from what the built programs say with --help.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bashCompletion } from "./completion.ts";
import { type HelpText, parseHelpText } from "./help-text.ts";
import { manPage } from "./man-page.ts";

const dist = join(import.meta.dirname, "../../dist");

const SUMMARIES = {
  "bms-agent": "read a battery monitor over Bluetooth LE; set batteries up",
  "bms-aggregator": "hand the readings of all batteries to Telegraf",
} as const;

const FILES = {
  "bms-agent": [
    {
      term: "/etc/bms/agents/NAME.env",
      meaning: "Options of the service bms-agent@NAME, as bms-agent add writes them.",
    },
    { term: "/etc/bms/common.env", meaning: "Options of every service." },
    { term: "/var/lib/bms/agent-NAME", meaning: "Readings that wait for delivery." },
  ],
  "bms-aggregator": [
    { term: "/etc/bms/aggregator.env", meaning: "Options of the service." },
    { term: "/etc/bms/common.env", meaning: "Options of every service." },
    { term: "/run/bms/readings.sock", meaning: "Where agents deliver." },
    { term: "/usr/share/bms/telegraf", meaning: "Snippets for Telegraf's configuration." },
  ],
} as const;

function help(program: string, ...words: string[]): HelpText {
  const file = join(dist, `${program}.js`);
  const { stdout, stderr, status } = spawnSync(process.execPath, [file, ...words, "--help"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} --help failed: ${stderr}`);
  return parseHelpText(stdout);
}

function version(program: string): string {
  return spawnSync(process.execPath, [join(dist, `${program}.js`), "--version"], { encoding: "utf8" }).stdout.trim();
}

mkdirSync(join(dist, "manual"), { recursive: true });
for (const name of ["bms-agent", "bms-aggregator"] as const) {
  const main = help(name);
  const names = main.commands.map(({ term }) => term.split(" ")[0] ?? "").filter((word) => word !== "help");
  const commands = new Map(names.map((command) => [command, help(name, command)]));
  const page = manPage({
    name,
    version: version(name),
    summary: SUMMARIES[name],
    help: main,
    commands,
    files: FILES[name],
    seeAlso: [name === "bms-agent" ? "bms-aggregator(1)" : "bms-agent(1)", "systemctl(1)", "systemd.exec(5)"],
  });
  writeFileSync(join(dist, "manual", `${name}.1`), page);
  writeFileSync(join(dist, "manual", `${name}.bash`), bashCompletion(name, main, commands));
}
