import type { SimulatedFamily } from "../family.ts";
import { jbdBattery } from "./battery.ts";
import { describeBoardChoices, parseBoardChoice } from "./board-options.ts";
import { JBD_FAULTS } from "./faults.ts";
import { MEMORY_FAULTS } from "./memory-faults.ts";
import { JBD_PRESETS } from "./presets.ts";

/** JBD packs of 4 to 32 cells. */
export const jbdFamily = {
  name: "jbd",
  devices: "JBD packs",
  kinds: ["jbd4", "jbd8", "jbd16", "jbd20", "jbd32"],
  addressPrefix: "A4:C1:37",
  registers: ["03", "04", "05", "24", "aa", "ffaa15"],
  choices: {
    help: `Boards of JBD packs, given behind the kind (--device A4:C1:37:00:00:01=jbd4:family=classic,unsaved=stored):
${describeBoardChoices()}
Without a choice: the family that the pack's software belongs to, unsaved=volatile, link=kept, load=usual, no answer to 0x00.`,
    check: (list) => void parseBoardChoice(list),
  },
  faults: { ...JBD_FAULTS, ...MEMORY_FAULTS },
  create({ kind, choices, ...identity }, clock) {
    const preset = JBD_PRESETS.get(Number(kind.slice("jbd".length)));
    if (!preset) throw new RangeError(`no pack ${kind}`);
    return jbdBattery({ ...identity, preset, board: parseBoardChoice(choices) }, clock);
  },
} as const satisfies SimulatedFamily;
