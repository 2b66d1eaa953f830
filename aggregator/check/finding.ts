/** One result of `bms-aggregator --check`. */
export interface Finding {
  /** A `fault` loses or corrupts readings, or keeps them from being written; a `note` is worth knowing. */
  readonly level: "fault" | "note";
  readonly about: "output" | "telegraf";
  /** The problem and its consequence, without a final stop. */
  readonly message: string;
  /** The system's code of what a socket refused, such as EACCES. */
  readonly code?: string;
  /** An imperative without a final stop; absent if nothing needs to be done. */
  readonly remedy?: string;
}

export function telegrafFault(message: string, remedy: string): Finding {
  return { level: "fault", about: "telegraf", message, remedy };
}

export function telegrafNote(message: string, remedy: string): Finding {
  return { level: "note", about: "telegraf", message, remedy };
}

export interface OutputCheck {
  /** As the operator named it: `-` or `unix:///path`. */
  readonly output: string;
  /** True without a fault; notes do not count. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** The output of `bms-aggregator --check --json`. `version` changes when a field changes its meaning or disappears. */
export interface CheckReport {
  readonly version: 1;
  readonly ok: boolean;
  readonly outputs: readonly OutputCheck[];
}

export const isFault = ({ level }: Finding): boolean => level === "fault";

/** A finding for people, in one line. */
export function formatFinding({ about, message, remedy }: Finding): string {
  if (about === "output") return remedy === undefined ? message : `${message}: ${remedy}`;
  return remedy === undefined ? `${message}.` : `${message}. ${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`;
}

/** The report for people: a line for each output, and one for each finding about Telegraf. No line appears twice. */
export function formatReport({ outputs }: CheckReport): string {
  const lines = outputs.flatMap(({ output, findings }) => {
    const own = findings.filter(({ about }) => about === "output").map(formatFinding);
    const others = findings.filter(({ about }) => about === "telegraf");
    return [
      ...(own.length > 0 ? own : ["OK"]).map((text) => `${output}: ${text}`),
      ...others.map((finding) => `${finding.level}: ${formatFinding(finding)}`),
    ];
  });
  return [...new Set(lines)].map((line) => `${line}\n`).join("");
}
