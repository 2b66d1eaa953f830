import { changeText, differences } from "../../agent/drivers/jbd/settings/differences.ts";
import type { Values } from "../../agent/drivers/jbd/settings/parameter.ts";
import { SETTING_REGISTERS } from "../../agent/drivers/jbd/settings/table/table.ts";
import { parseToml, tomlText } from "./files/toml.ts";
import type { Pack } from "./open-pack.ts";
import { profileOf, understandPack } from "./pack-settings.ts";
import { readPack } from "./read-pack.ts";
import type { PackStore } from "./store.ts";

/** Counters of use, which change by themselves. */
const LIVE: readonly string[] = ["cycles"];

/** Reads a pack and returns a sentence for each setting that nobody changed by this program since it was last known. */
export async function watchPack(pack: Pack): Promise<readonly string[]> {
  const { target, store } = pack;
  const state = await pack.use((work) => readPack(SETTING_REGISTERS, work));
  const profile = profileOf({ name: target.name, address: target.device.address }, understandPack(state, undefined));
  const sentences = changesSince(target.name, store, profile.values, state.takenAt);
  store.keep("known", tomlText(profile));
  if (sentences.length > 0) store.keep("changes", `${sentences.join("\n")}\n`);
  return sentences;
}

function changesSince(name: string, store: PackStore, values: Values, now: number): readonly string[] {
  const text = store.read("known");
  if (text === undefined) return [];
  const known = parseToml(text);
  const since = known.pack.savedAt === undefined ? "" : ` since ${sinceText(known.pack.savedAt, now)}`;
  return differences(known.values, values)
    .filter(({ parameter }) => !LIVE.includes(parameter.key))
    .map((difference) => `${changeText(difference, name)}${since}`);
}

const DAY_MS = 86_400_000;

/** `14:05`, `yesterday`, `2026-11-20`, in local time. */
export function sinceText(then: number, now: number): string {
  const startOf = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((startOf(now) - startOf(then)) / DAY_MS);
  if (days === 0) return new Date(then).toTimeString().slice(0, 5);
  if (days === 1) return "yesterday";
  const date = new Date(then);
  const twoDigits = (value: number) => String(value).padStart(2, "0");
  return [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join("-");
}
