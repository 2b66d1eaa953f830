import { FrameError } from "../../agent/codec/frame-error.ts";
import { RadioError } from "../../agent/radio/radio.ts";
import { defineCommand } from "../../common/cli/command.ts";
import { openPack, THIS_MACHINE } from "../settings/open-pack.ts";
import { PACK_ARGUMENT, PACK_OPTIONS } from "../settings/pack-options.ts";
import { SettingsError } from "../settings/settings-error.ts";
import { watchPack } from "../settings/watch-pack.ts";
import { findBatteries } from "../setup/batteries.ts";

export const settingsWatch = defineCommand({
  name: "settings watch",
  about: `Reads the settings of JBD packs and prints what has changed since the last time, other than by bmsctl: somebody's phone
may have done it. The first time it only remembers them. Exit status 1 if anything has changed or a pack was not read. The
timer bms-settings-watch.timer does it once a day, and bmsctl doctor shows the last changes.`,
  argument: {
    ...PACK_ARGUMENT,
    about: `${PACK_ARGUMENT.about}; every JBD pack without one`,
    isOptional: true,
    isList: true,
  },
  options: PACK_OPTIONS,
  examples: [
    ["sudo bmsctl settings watch", "all packs"],
    ["sudo systemctl enable --now bms-settings-watch.timer", "once a day"],
  ],
  read: ({ argument, more, values }) => ({ names: argument ? [argument, ...more] : [], ...values }),
  async run({ names, ...options }, deps) {
    const words = names.length > 0 ? names : await jbdPacks();
    let isSame = true;
    for (const word of words) {
      deps.stop.throwIfAborted();
      try {
        const sentences = await watchPack(await openPack(word, options, deps));
        for (const sentence of sentences) deps.print(`${sentence}\n`);
        isSame &&= sentences.length === 0;
      } catch (error) {
        if (![RadioError, FrameError, SettingsError].some((kind) => error instanceof kind)) throw error;
        deps.createLog(options.logLevel, word).error((error as Error).message);
        isSame = false;
      }
    }
    return isSame ? 0 : 1;
  },
});

/** The batteries of this machine whose agent has recognised a JBD pack. */
async function jbdPacks(): Promise<string[]> {
  const batteries = await findBatteries(THIS_MACHINE.installation, THIS_MACHINE.systemd);
  return batteries.flatMap(({ name, status }) => (status?.driver === "jbd" ? [name] : []));
}
