import { defineCommand } from "../../common/cli/command.ts";
import { CHANGE_OPTIONS, changePacks } from "../settings/change-packs.ts";
import { PACK_ARGUMENT } from "../settings/pack-options.ts";
import { readSettingsFile } from "../settings/settings-file.ts";

export const settingsApply = defineCommand({
  name: "settings apply",
  about: `Gives JBD packs the settings of a file, one pack after the other; the first failure stops. The file is one of bmsctl
settings --save, a .fig file of the vendor's programs, or JSON of jbdtool. Only what differs is written, as by bmsctl
settings set. What belongs to one board is never copied: number of cells, shunt, calibration, sensors, dates, names. The
state that bmsctl saved before a change is restored in the same way.`,
  argument: { name: "file", about: "file of settings", completes: "file" },
  more: [{ ...PACK_ARGUMENT, isList: true }],
  options: CHANGE_OPTIONS,
  examples: [
    ["sudo bmsctl settings apply house.toml house", "what this would change"],
    ["sudo bmsctl settings apply house.toml house garage --write", "make both packs like the file"],
  ],
  read: ({ argument, more, values }) => ({ file: argument, names: more, ...values }),
  run({ file, names, chemistry, expert, ...options }, deps) {
    const { pack: facts, values } = readSettingsFile(file);
    return changePacks(
      names,
      ({ store, target }) => ({
        wanted: () => values,
        origin: store.hasSaved(file) && facts.device === target.device.address ? "former-state" : "file",
        chemistry,
        isExpert: expert,
      }),
      options,
      deps,
    );
  },
});
