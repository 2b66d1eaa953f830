import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A version of nats-server: Debian's 2.9 does not know some lines of the files. */
export type NatsVersion = "2.9" | "2.10";

/** A file of the repository as an operator adapts it: every text that is replaced must be there. */
export function adapted(
  file: string,
  replace: Readonly<Record<string, string>>,
  version: NatsVersion = "2.10",
): string {
  let text = readFileSync(join(import.meta.dirname, "../../..", file), "utf8");
  for (const [from, to] of Object.entries(replace)) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  if (version === "2.10") return text;
  return text
    .split("\n")
    .filter((line) => !/# 2\.10$|^ *compression = /.test(line))
    .join("\n");
}
