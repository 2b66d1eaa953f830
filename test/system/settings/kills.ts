import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { factoryModeMarker } from "../../../common/runtime/settings-directory.ts";
import type { Memory } from "../../../simulator/battery.ts";
import type { Program } from "../../../simulator/program.ts";
import { seededRandom } from "../../../simulator/random.ts";
import { until } from "../../support/until.ts";
import { createPhases, type Phase } from "./plan.ts";
import { ADDRESS, openPrograms, type Programs } from "./programs.ts";

const DEADLINE_MS = 60_000;
/** Requests of each phase among which a kill falls; a phase is chosen as often as it stands here. */
const PHASES: readonly { readonly phase: Phase; readonly requests: number }[] = [
  { phase: "reading", requests: 120 },
  { phase: "writing", requests: 14 },
  { phase: "writing", requests: 14 },
  { phase: "storing", requests: 3 },
  { phase: "storing", requests: 80 },
];
const CHANGE = ["cell_ov=3.600", "cell_ov_release=3.450", "pack_ov_delay=5", "charge_oc=120"];

export interface Killed {
  readonly phase: Phase;
  readonly violations: readonly string[];
}

/**
 * A real bmsctl that is killed at a moment which the seed chooses, then a real agent, which is killed as well, then a
 * restoration by another bmsctl.
 */
export async function runKill(seed: string, number: number): Promise<Killed> {
  const random = seededRandom(seed, "kill", number);
  const oneOf = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const { phase, requests } = oneOf(PHASES);
  const nth = Math.floor(random() * requests);
  const family = oneOf(["classic", "v11"] as const);
  const unsaved = oneOf(["stored", "volatile", "discarded"] as const);
  const momentOf = createPhases();
  let victim: Program | undefined;
  const programs = await openPrograms({
    seed,
    board: { family, unsaved, load: "none" },
    onRequest(bytes) {
      const moment = momentOf(bytes);
      if (moment.phase === phase && moment.requests === nth) victim?.process.kill("SIGKILL");
    },
  });
  try {
    const before = programs.memory();
    victim = programs.start("bmsctl", "settings", "set", ADDRESS, ...CHANGE, "--write", "--yes");
    const killed = await complaintOf(victim, "the change");
    victim = undefined;
    const violations = [killed, await runAgent(programs), await restore(programs), ...unlike(before, programs)];
    const about = `kill ${number} (${phase} ${nth}, ${family}, unsaved=${unsaved})`;
    return { phase, violations: violations.filter((text) => text !== undefined).map((text) => `${about}: ${text}`) };
  } finally {
    await programs.close();
  }
}

/** Undefined where the program was killed, or succeeded. */
async function complaintOf(program: Program, what: string): Promise<string | undefined> {
  const { signal, code } = await program.ended;
  if (signal === "SIGKILL" || code === 0) return undefined;
  return `${what} ended with status ${code}: ${[...program.stdout, ...program.stderr].join(" ")}`;
}

/** An agent that is killed as soon as the pack is out of factory mode. */
async function runAgent(programs: Programs): Promise<string | undefined> {
  const agent = programs.start("bms-agent", "-b", ADDRESS, "-i", "1", "-m", "house");
  const marker = factoryModeMarker(programs.settings, ADDRESS);
  const isLeft = () => !programs.memory().isInFactoryMode && !existsSync(marker);
  const complaint = await until("the agent leaves factory mode", isLeft, DEADLINE_MS).then(
    () => undefined,
    (error: Error) => `${error.message}: ${agent.stderr.join(" ")}`,
  );
  await agent.stop("SIGKILL");
  return complaint;
}

/** Applies the saved state, if bmsctl lived long enough to save one. */
async function restore(programs: Programs): Promise<string | undefined> {
  const folder = join(programs.settings, ADDRESS.replaceAll(":", "-"));
  const file = existsSync(folder) ? readdirSync(folder).find((name) => /^\d.*\.toml$/.test(name)) : undefined;
  if (!file) return undefined;
  const words = ["settings", "apply", join(folder, file), ADDRESS, "--write", "--yes"];
  return complaintOf(programs.start("bmsctl", ...words), "the restoration");
}

/** Differences after a loss of power. */
function unlike(before: Memory, programs: Programs): string[] {
  programs.simulator.cutPower("all");
  const { working, isInFactoryMode } = programs.memory();
  return [
    ...Object.entries(before.stored)
      .filter(([register, data]) => working[register] !== data)
      .map(([register, data]) => `register ${register} is ${working[register]}, not ${data}`),
    ...(isInFactoryMode ? ["in factory mode after the restoration"] : []),
  ];
}
