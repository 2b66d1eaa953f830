import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { until } from "../../support/until.ts";
import { ROOT } from "../machine/programs.ts";
import type { Machine } from "./machines.ts";
import { type Step, stepsOf } from "./page.ts";
import type { Terminal } from "./terminal.ts";

/** The place for the steps of one of the page's machines. */
export interface Place {
  readonly machine: Machine;
  readonly terminal: Terminal;
}

export interface Reader {
  /**
   * Follows the steps of a walk in the order of the page, those of `only` machines. `places` has a place for each machine of the
   * page. Every text of `replace` that stands as a word of its own is replaced first: placeholders that the page names.
   */
  follow(walk: string, how: Following): Promise<void>;
  /** Fails if a step of these walks was not followed. */
  finish(...walks: readonly string[]): void;
}

export interface Following {
  readonly places: Readonly<Record<string, Place>>;
  readonly replace?: Map<string, string>;
  readonly only?: readonly string[];
  /** Called after each step with what it printed: for what the page leaves to the reader, such as a copied file. */
  after?(step: Step, printed: string): void;
}

/** Opens a page of docs/. */
export function openPage(t: TestContext, name: string): Reader {
  const steps = stepsOf(readFileSync(join(ROOT, "docs", name), "utf8"));
  const followed = new Set<string>();
  return {
    async follow(walk, { places, replace = new Map(), only, after }) {
      const chosen = steps.filter(({ walks, machine }) => walks.includes(walk) && (only?.includes(machine) ?? true));
      // Of each machine, the step that goes on.
      const pending = new Map<string, Promise<string>>();
      assert.ok(chosen.length > 0, `${name} has no steps of ${walk}`);
      for (const step of chosen) {
        const place = places[step.machine];
        if (!place) throw new Error(`${name}:${step.line}: no machine is ${step.machine}`);
        let text = step.text;
        for (const [from, to] of replace)
          text = text.replace(new RegExp(`(?<![\\w$-])${from}(?![\\w-])`, "g"), () => to);
        t.diagnostic(`${name}:${step.line}: ${place.machine.name}: ${step.file?.path ?? text.split("\n")[0]}`);
        await pending.get(step.machine);
        const end = done(step, text, place);
        if (step.prints !== undefined) pending.set(step.machine, end);
        const printed = await (step.prints === undefined ? end : untilPrinted(step.prints, place.terminal, end)).catch(
          (error) => {
            throw new Error(`${name}:${step.line}: ${error instanceof Error ? error.message : error}`, {
              cause: error,
            });
          },
        );
        followed.add(`${walk} ${step.line}`);
        after?.(step, printed);
      }
      await Promise.all(pending.values());
    },
    finish(...walks) {
      const all = steps.flatMap((step) => step.walks.map((walk) => ({ walk, line: step.line })));
      const missed = all.filter(({ walk, line }) => walks.includes(walk) && !followed.has(`${walk} ${line}`));
      assert.deepEqual(missed, [], `steps of ${name} that were not followed`);
    },
  };
}

/** Returns what was printed. */
async function done({ file }: Step, text: string, { machine, terminal }: Place): Promise<string> {
  if (!file) return await terminal.run(text);
  const path = machine.path(file.path);
  mkdirSync(dirname(path), { recursive: true });
  if (file.after === undefined) {
    writeFileSync(path, text);
    chmodSync(path, 0o644);
    return "";
  }
  const lines = readFileSync(path, "utf8").split("\n");
  const at = lines.findIndex((line) => line.trim() === file.after);
  if (at < 0) throw new Error(`${file.path} has no line ${file.after}`);
  lines.splice(at + 1, 0, text.trimEnd());
  const { mode } = statSync(path);
  writeFileSync(path, lines.join("\n"), { mode });
  return "";
}

/** Waits for a whole line with this text, or for the end, and returns what was printed until then. */
async function untilPrinted(wanted: string, terminal: Terminal, end: Promise<string>): Promise<string> {
  const hasPrinted = () => terminal.printed().includes(`${wanted} `) && terminal.printed().endsWith("\n");
  return await Promise.race([end, until(wanted, () => hasPrinted() && terminal.printed(), 60_000)]);
}
