import { readFileSync } from "node:fs";

/** The variables of an environment file (systemd.exec(5), EnvironmentFile=). Invalid lines are ignored, as systemd does. */
export function parseEnvironmentFile(text: string): ReadonlyMap<string, string> {
  const found = text.split("\n").map((line) => /^\s*([A-Za-z_]\w*)=(.*?)\s*$/.exec(line));
  return new Map(found.flatMap((match) => (match?.[1] ? [[match[1], unquoted(match[2] ?? "")] as const] : [])));
}

function unquoted(value: string): string {
  const [, double, single] = /^"((?:[^"\\]|\\.)*)"$|^'([^']*)'$/.exec(value) ?? [];
  return double?.replace(/\\(["\\$\x60])/g, "$1") ?? single ?? value;
}

/** The variables of an environment file; none if it may not be read. */
export function readEnvironmentFile(file: string): Record<string, string> {
  try {
    return Object.fromEntries(parseEnvironmentFile(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
