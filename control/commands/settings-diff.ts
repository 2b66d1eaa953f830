import { differences, differenceText, oneSided } from "../../agent/drivers/jbd/settings/differences.ts";
import type { Values } from "../../agent/drivers/jbd/settings/parameter.ts";
import { SETTING_REGISTERS } from "../../agent/drivers/jbd/settings/table/table.ts";
import { type CommandDeps, defineCommand } from "../../common/cli/command.ts";
import { openPack } from "../settings/open-pack.ts";
import { PACK_OPTIONS, type PackOptions } from "../settings/pack-options.ts";
import { understandPack } from "../settings/pack-settings.ts";
import { readPack } from "../settings/read-pack.ts";
import { isFileName, readSettingsFile } from "../settings/settings-file.ts";

const SIDE = { about: "a pack, or a file whose name ends in .toml, .fig or .json", completes: "battery" } as const;

export const settingsDiff = defineCommand({
  name: "settings diff",
  about: `Compares the settings of two packs, of a pack with a file, or of two files. Exit status 1 if they differ.`,
  argument: { name: "before", ...SIDE },
  more: [{ name: "after", ...SIDE }],
  options: PACK_OPTIONS,
  examples: [
    ["sudo bmsctl settings diff house garage", "two packs"],
    ["sudo bmsctl settings diff house.toml house", "what has changed since the file was saved"],
    ["bmsctl settings diff old.fig house.toml", "two files"],
  ],
  read: ({ argument, more: [after = ""], values }) => ({ before: argument, after, ...values }),
  async run({ before, after, ...options }, deps) {
    const [a, b] = [await valuesOf(before, options, deps), await valuesOf(after, options, deps)];
    const differing = differences(a, b);
    for (const difference of differing) deps.print(`${differenceText(difference)}\n`);
    const unknown = oneSided(a, b).map(({ parameter }) => parameter.key);
    if (unknown.length > 0) deps.print(`known of one side only: ${unknown.join(", ")}\n`);
    deps.print(`${summary(differing.length)}\n`);
    return differing.length === 0 ? 0 : 1;
  },
});

async function valuesOf(word: string, options: PackOptions, deps: CommandDeps): Promise<Values> {
  if (isFileName(word)) return readSettingsFile(word).values;
  const pack = await openPack(word, options, deps);
  const state = await pack.use((work) => readPack(SETTING_REGISTERS, work));
  return understandPack(state, undefined).settings.values;
}

function summary(count: number): string {
  if (count === 0) return "no setting differs";
  return count === 1 ? "1 setting differs" : `${count} settings differ`;
}
