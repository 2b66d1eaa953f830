import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CheckReport, type Finding, formatFinding } from "../../../aggregator/check/finding.ts";
import { startProgram } from "../../../simulator/program.ts";
import { snippet } from "./snippet.ts";
import { workFolder } from "./telegraf.ts";

const ADDRESS = "unix:///run/telegraf/bms.sock";

/** battery.conf with this socket and measurement, and one line of it changed, added or (where undefined) removed. */
export function listener(socket: string, measurement: string, name?: string, line?: string): string {
  const text = snippet("battery.conf", { replace: { [ADDRESS]: `unix://${socket}`, '"battery"': `"${measurement}"` } });
  const lines = text.split("\n").filter((there) => there.trim() !== "" && !there.startsWith("#"));
  const kept = lines.filter((there) => name === undefined || !there.startsWith(`  ${name} =`));
  if (line) kept.push(`  ${line}`);
  return `${kept.join("\n")}\n`;
}

export interface Check {
  readonly code: number | null;
  /** Faults of Telegraf or its configuration, without those of the socket. */
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** Result of `bms-aggregator --check --json` for a configuration. */
export async function check(
  socket: string,
  configuration: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Check> {
  const file = join(workFolder(), "checked.conf");
  writeFileSync(file, configuration);
  const args = ["--check", "--json", "--output", `unix://${socket}`, "--telegraf-config", file];
  const program = startProgram("bms-aggregator", args, { env });
  const { code } = await program.ended;
  const { outputs }: CheckReport = JSON.parse(program.stdout.join(""));
  const findings = outputs.flatMap((output) => output.findings);
  const ofLevel = (level: Finding["level"]) =>
    findings.filter((finding) => finding.level === level && finding.about === "telegraf").map(formatFinding);
  return { code, faults: ofLevel("fault"), notes: ofLevel("note") };
}
