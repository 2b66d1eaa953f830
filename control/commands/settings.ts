import { DEVICE_OPTIONS } from "../../agent/cli/device-options.ts";
import { SETTING_REGISTERS } from "../../agent/drivers/jbd/settings/table/table.ts";
import { defineCommand } from "../../common/cli/command.ts";
import { type OptionRow, onOff, SHARED_OPTIONS } from "../../common/cli/option.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { tomlText } from "../settings/files/toml.ts";
import { settingsFacts, settingsTable } from "../settings/listing.ts";
import { openPack } from "../settings/open-pack.ts";
import { CHEMISTRY, PACK_ARGUMENT, PACK_OPTIONS } from "../settings/pack-options.ts";
import { profileOf, understandPack } from "../settings/pack-settings.ts";
import { readPack } from "../settings/read-pack.ts";
import { formatOf, saveSettingsFile } from "../settings/settings-file.ts";
import { unfinishedText } from "../settings/unfinished.ts";

const toml = {
  flags: "--toml",
  about: "print the file that --save FILE.toml would write",
  conflicts: ["json"],
  ...onOff,
} satisfies OptionRow<boolean>;

const save = {
  flags: "--save <file>",
  about: "write a file: NAME.toml to read and to change, NAME.fig for JBDTools, bms-tools and Overkill Solar's app",
  completes: "file",
  parse: (text) => (formatOf(text) ? text : undefined),
  rule: "a file whose name ends in .toml or .fig",
} satisfies OptionRow<string>;

export const settings = defineCommand({
  name: "settings",
  about: `Shows all settings of a JBD pack: the limits of its protections with their delays, balancing, capacity. A value that is
unusual for the chemistry of the cells is marked. Nothing is changed. The agent of the pack lends it for a few seconds, of
which there are no readings. The commands below compare, change and watch settings.`,
  argument: { ...PACK_ARGUMENT, isOptional: true },
  options: {
    address: DEVICE_OPTIONS.address,
    json: { ...SHARED_OPTIONS.json, conflicts: ["toml"] },
    toml,
    save,
    chemistry: CHEMISTRY,
    ...PACK_OPTIONS,
  },
  examples: [
    ["sudo bmsctl settings house", "all settings in words"],
    ["sudo bmsctl settings house --save house.toml", "and a file of them"],
    ["sudo bmsctl settings set house cell_ov=3.60", "what this would change; with --write it is changed"],
    ["bmsctl settings -b A4:C1:37:00:00:01", "a pack that no agent reads"],
  ],
  read({ argument, values }) {
    const word = argument || values.address;
    if (!word) throw new UsageError("which pack? bmsctl settings NAME, or -b and its Bluetooth address");
    return { word, ...values };
  },
  async run({ word, json, toml, save, chemistry, ...options }, deps) {
    const pack = await openPack(word, options, deps);
    const { name, device } = pack.target;
    const state = await pack.use((work) => readPack(SETTING_REGISTERS, work));
    const read = understandPack(state, chemistry);
    const named = { name, address: device.address };
    if (json) deps.print(`${JSON.stringify(settingsFacts(named, read))}\n`);
    else if (toml) deps.print(tomlText(profileOf(named, read)));
    else deps.print(settingsTable(named, read));
    if (save) saveSettingsFile(save, profileOf(named, read), read.settings.registers);
    const unfinished = unfinishedText(name, pack.store.journal, state.registers);
    if (unfinished) deps.createLog("warn", name).warn(unfinished);
    return 0;
  },
});
