// Programs as their systemd units start them: Node's flags and the environment are read from the unit.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of a unit that decides how its program runs. */
export interface Unit {
  /** Node's options, before the program. */
  readonly flags: readonly string[];
  /** Environment that is not the program's own option. */
  readonly env: Readonly<Record<string, string>>;
  /** File name of the program, as in dist/. */
  readonly program: string;
}

const root = join(import.meta.dirname, "../../..");

/** `name` is that of a file in systemd/. */
export function readUnit(name: string): Unit {
  return parseUnit(readFileSync(join(root, "systemd", name), "utf8"));
}

/** @throws {Error} if it starts no program with Node */
export function parseUnit(text: string): Unit {
  const [, node, flags = "", program] = /^ExecStart=(\S+) (.*?)\/usr\/lib\/bms\/(\S+\.js)$/m.exec(text) ?? [];
  if (!node || !program) throw new Error("the unit has no ExecStart=…/node FLAGS /usr/lib/bms/PROGRAM.js");
  const env = [...text.matchAll(/^Environment=([A-Z_]+)=(.*)$/gm)].flatMap(([, key = "", value = ""]) =>
    key.startsWith("BMS_") ? [] : [[key, value] as const],
  );
  return { flags: flags.split(" ").filter((flag) => flag !== ""), env: Object.fromEntries(env), program };
}

/** Flags of the aggregator's unit, with the compiler and without. */
export interface JitVariant {
  readonly name: string;
  readonly flags: readonly string[];
}

const JITLESS = "--jitless";
export const JIT_VARIANTS = jitVariants(readUnit("bms-aggregator.service").flags);

/** `shipped` is one of the two. */
export function jitVariants(flags: readonly string[]) {
  const others = flags.filter((flag) => flag !== JITLESS);
  const both = {
    with: { name: "with JIT", flags: others },
    without: { name: "without JIT", flags: [JITLESS, ...others] },
  };
  return { ...both, shipped: flags.includes(JITLESS) ? both.without : both.with };
}
