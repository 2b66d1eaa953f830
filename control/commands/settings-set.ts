import { parseAssignment, wantedValues } from "../../agent/drivers/jbd/settings/assignment.ts";
import { defineCommand } from "../../common/cli/command.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { CHANGE_OPTIONS, changePacks } from "../settings/change-packs.ts";
import { PACK_ARGUMENT } from "../settings/pack-options.ts";

export const settingsSet = defineCommand({
  name: "settings set",
  about: `Changes settings of a JBD pack by name. Shows what would change and whether it is allowed; with --write it asks for the
pack's name, saves the whole state to disk, writes one register at a time, reads each back, stores, and reads everything
again. After any failure the old values are put back.`,
  argument: PACK_ARGUMENT,
  more: [{ name: "key=value", about: "a setting as bmsctl settings NAME shows it, and its value", isList: true }],
  options: CHANGE_OPTIONS,
  examples: [
    ["sudo bmsctl settings set house cell_ov=3.60 cell_ov_release=3.45", "what this would change"],
    ["sudo bmsctl settings set house cell_ov=3.60 --write", "change it"],
    ["sudo bmsctl settings set house balance_en=on --write --yes", "in a script"],
  ],
  read({ argument, more, values }) {
    try {
      return { name: argument, assignments: more.map(parseAssignment), ...values };
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
      throw error;
    }
  },
  run({ name, assignments, chemistry, expert, ...options }, deps) {
    const wish = {
      wanted: (present: Parameters<typeof wantedValues>[1]) => wantedValues(assignments, present),
      origin: "asked",
      chemistry,
      isExpert: expert,
    } as const;
    return changePacks([name], () => wish, options, deps);
  },
});
