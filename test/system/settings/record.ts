import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Program } from "../../../simulator/program.ts";
import { ADDRESS, openPrograms, type Programs } from "./programs.ts";

const DOCUMENT = join(import.meta.dirname, "../../../docs/settings.md");
const BEGIN = "<!-- recorded by npm run test:settings -- --record -->";
const END = "<!-- end of the recording -->";
/** Replaced on a terminal by what follows. */
const PROGRESS = /^reading house: \d+ of/;
const SAVED = "/var/lib/bms/settings/house";
const TIME = "2026-11-27T19-30-27Z";

interface Step {
  readonly about: string;
  /** Faults of the pack during this step. */
  readonly faults?: readonly string[];
  /** Words after bmsctl; `FILE` is the state that was saved first. */
  readonly words: readonly string[];
  /** The text that a person types. */
  readonly typed?: string;
}

const CHANGE = ["cell_ov=3.60", "cell_ov_release=3.45"];

const STEPS: readonly Step[] = [
  { about: "All settings; a value that is unusual for the chemistry would be marked.", words: ["settings", "house"] },
  { about: "A change is shown first.", words: ["settings", "set", "house", ...CHANGE] },
  { about: "With `--write` it asks.", words: ["settings", "set", "house", ...CHANGE, "--write"], typed: "house" },
  { about: "A value that no such cell bears is refused.", words: ["settings", "set", "house", "cell_ov=4.2"] },
  {
    about: "A board that acknowledges a write and ignores it. The old values are put back:",
    faults: ["no-effect:register=25"],
    words: ["settings", "set", "house", "cell_ov=3.55", "cell_ov_release=3.40", "--write", "--yes"],
  },
  {
    about: "The worst that can happen: even putting back fails. What is left is named, with the way out:",
    faults: ["no-effect:register=25", "no-effect:register=24,skip=1"],
    words: ["settings", "set", "house", "cell_ov=3.55", "cell_ov_release=3.40", "--write", "--yes"],
  },
  {
    about: "The way out. It restores every setting that a program may write:",
    words: ["settings", "apply", "FILE", "house", "--write", "--yes"],
  },
  { about: "How often each protection has acted:", words: ["counters", "house"] },
  { about: "Charging is switched off, and on again:", words: ["switch", "house", "charge", "off"] },
  { about: "", words: ["switch", "house", "charge", "on"] },
];

/** The recorded part of docs/settings.md, from a run on a simulated pack. */
export async function record(): Promise<string> {
  const programs = await openPrograms({ seed: "record", board: { family: "v11", load: "none" } });
  try {
    const parts: string[] = [];
    for (const step of STEPS) parts.push(await recordStep(step, programs));
    return [BEGIN, "", ...parts, END].join("\n");
  } finally {
    await programs.close();
  }
}

async function recordStep({ about, faults = [], words, typed }: Step, programs: Programs): Promise<string> {
  for (const fault of faults) programs.simulator.set("all", fault);
  const present = words.map((word) => (word === "house" ? ADDRESS : word === "FILE" ? firstFile(programs) : word));
  const program =
    typed === undefined
      ? programs.start("bmsctl", ...present)
      : programs.startOnTerminal(typed === "house" ? ADDRESS : typed, ...present);
  const { code } = await program.ended;
  programs.simulator.clear("all");
  const command = `$ sudo bmsctl ${words.join(" ").replace("FILE", `${SAVED}/${TIME}.toml`)}`;
  const status = code === 0 ? [] : [`(exit status ${code})`];
  const block = ["```text", command, ...linesOf(program, programs), ...status, "```", ""];
  return [...(about ? [about, ""] : []), ...block].join("\n");
}

/** Text that stays on the screen, with the name of an installed pack and one time. */
function linesOf({ stdout, stderr }: Program, { settings }: Programs): string[] {
  const folder = join(settings, ADDRESS.replaceAll(":", "-"));
  return [...stderr, ...stdout]
    .map((line) =>
      stripVTControlCharacters(line.replace(/.*\r(?=.)/, ""))
        .replaceAll(folder, SAVED)
        .replaceAll(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ/g, TIME)
        .replace(/^\d{4}-\d\d-\d\d [\d:]{8} /, "")
        .replace(`${ADDRESS} to confirm`, "house to confirm")
        .replaceAll(ADDRESS, "house"),
    )
    .map((line) => line.trimEnd())
    .filter((line, i) => !PROGRESS.test(line) && !(i === 0 && line === "house"))
    .filter((line, i, lines) => line !== "" || (i > 0 && i < lines.length - 1 && lines[i - 1] !== ""));
}

function firstFile({ settings }: Programs): string {
  const folder = join(settings, ADDRESS.replaceAll(":", "-"));
  const [first = ""] = readdirSync(folder)
    .filter((name) => /^\d.*\.toml$/.test(name))
    .sort();
  return join(folder, first);
}

/** True if docs/settings.md has this recording. @throws {Error} where it has no place for one */
export function isInDocument(recording: string): boolean {
  return withRecording(recording) === readFileSync(DOCUMENT, "utf8");
}

/** Puts the recording into docs/settings.md. @throws {Error} where it has no place for one */
export function writeToDocument(recording: string): void {
  writeFileSync(DOCUMENT, withRecording(recording));
}

function withRecording(recording: string): string {
  const text = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/settings.md lacks ${BEGIN} or ${END}`);
  return text.slice(0, begin) + recording + text.slice(end + END.length);
}
