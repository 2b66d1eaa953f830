// The steps of a documentation page: its code blocks, each with an invisible comment before it that names who does it where.
//
//   <!-- walk: nats centre -->                            commands of the walk "nats", run at the machine "centre"
//   <!-- walk: nats,https shed -->                        the same in two walks
//   <!-- walk: https centre writes /etc/file -->          the content of a file
//   <!-- walk: add centre inserts /etc/file after } } -->  lines for a file, below its first line that is, trimmed, "} }"
//   <!-- walk: pair house prints sudo bmsctl join -->     commands that go on after they have printed this, while others follow
//   <!-- walk: none -->                                   no step: a diagram or an example

/** One code block. */
export interface Step {
  readonly walks: readonly string[];
  readonly machine: string;
  /** The file that gets this text: all of it, or below a line. Undefined for commands. */
  readonly file: { readonly path: string; readonly after: string | undefined } | undefined;
  /** The next step begins when this has been printed, and not at the end. */
  readonly prints: string | undefined;
  readonly text: string;
  /** Number of its first line in the page. */
  readonly line: number;
}

const MARKER = /^<!-- walk: ([a-z,]+) ([a-z]+)(?: writes (\/\S+)| inserts (\/\S+) after (.+)| prints (.+))? -->$/;
const NO_STEP = "<!-- walk: none -->";

/** Returns the steps of a page in its order. @throws {Error} where a code block has no marker, naming its line */
export function stepsOf(page: string): Step[] {
  const steps: Step[] = [];
  let marker = "";
  let block: { readonly indent: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of page.split("\n").entries()) {
    const trimmed = line.trim();
    if (block) {
      if (trimmed === "```") {
        const step = toStep(marker, block.lines, block.line);
        if (step) steps.push(step);
        block = undefined;
        marker = "";
      } else {
        block.lines.push(line.startsWith(block.indent) ? line.slice(block.indent.length) : trimmed);
      }
    } else if (trimmed.startsWith("```")) {
      block = { indent: line.slice(0, line.indexOf("`")), line: index + 1, lines: [] };
    } else if (trimmed !== "") {
      marker = trimmed;
    }
  }
  return steps;
}

function toStep(marker: string, lines: readonly string[], line: number): Step | undefined {
  if (marker === NO_STEP) return undefined;
  const [, walks, machine, written, changed, after, prints] = MARKER.exec(marker) ?? [];
  if (!walks || !machine)
    throw new Error(`line ${line}: the code block has no comment like <!-- walk: nats centre -->`);
  const path = written ?? changed;
  const file = path === undefined ? undefined : { path, after };
  return { walks: walks.split(","), machine, file, prints, text: `${lines.join("\n")}\n`, line };
}
