import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `telegraf/NAME` as an operator adapts it: sections uncommented, values replaced. */
export function snippet(
  name: "battery.conf" | "battpack.conf",
  changes: { readonly uncomment?: readonly string[]; readonly replace?: Readonly<Record<string, string>> },
): string {
  const { uncomment = [], replace = {} } = changes;
  const sections = readFileSync(join(import.meta.dirname, "../../../telegraf", name), "utf8").split("\n\n");
  const adapted = sections.map((section) =>
    uncomment.some((heading) => section.startsWith(`## ${heading}`)) ? section.replace(/^# /gm, "") : section,
  );
  for (const heading of uncomment) {
    if (!sections.some((section) => section.startsWith(`## ${heading}`)))
      throw new Error(`${name} has no "${heading}"`);
  }
  let text = adapted.join("\n\n");
  for (const [from, to] of Object.entries(replace)) {
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** The lines of the Starlark program below a `##` that ends with `after`, uncommented. */
export function uncommentStarlark(text: string, after: string): string {
  const lines = text.split("\n");
  const heading = lines.findIndex((line) => line.startsWith("    ## ") && line.endsWith(after));
  if (heading < 0) throw new Error(`no line ends with "${after}"`);
  for (let i = heading + 1; lines[i]?.startsWith("    # "); i++) lines[i] = (lines[i] ?? "").replace("# ", "");
  return lines.join("\n");
}
