import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { readConfiguration, TELEGRAF_CONFIGURATION } from "./configuration.ts";
import { diagnose, type Finding, parseVersion, type Version } from "./diagnosis.ts";

export interface ExaminationOptions {
  /** Path of the socket that the aggregator writes to. */
  readonly socket: string;
  /** After how long a reading that Telegraf has read counts as stored, in ms. */
  readonly settleMs: number;
  /** Telegraf's configuration, files or folders; where its packages have it when none is named. */
  readonly configuration: readonly string[] | undefined;
}

/** What is wrong with the Telegraf on this machine and with its configuration, as far as both can be seen. */
export async function examineTelegraf(options: ExaminationOptions): Promise<Finding[]> {
  const { socket, settleMs, configuration: named } = options;
  const paths = named ?? TELEGRAF_CONFIGURATION.filter((path) => existsSync(path));
  const [{ files, unread }, version] = await Promise.all([readConfiguration(paths), installedVersion()]);
  const complete = files.length > 0 && unread.length === 0;
  const findings = diagnose({ files, complete, socket, settleMs, ...(version && { version }) });
  // What the operator named must be readable; of what is merely there, permissions may keep parts from us.
  findings.push(...unread.map((text): Finding => ({ severity: named ? "fault" : "note", text })));
  if (paths.length === 0) {
    findings.push(
      note(
        `there is no ${TELEGRAF_CONFIGURATION.join(" and no ")}: name Telegraf's configuration with --telegraf-config.`,
      ),
    );
  }
  if (!version) findings.push(note("there is no telegraf on PATH that tells its version, so that was not checked."));
  return findings;
}

async function installedVersion(): Promise<Version | undefined> {
  try {
    const { stdout } = await promisify(execFile)("telegraf", ["--version"], { timeout: 10_000 });
    return parseVersion(stdout);
  } catch {
    return undefined;
  }
}

function note(text: string): Finding {
  return { severity: "note", text };
}
