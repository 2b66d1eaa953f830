import { decodeCounters } from "../../agent/drivers/jbd/registers.ts";
import { type Board, describeBoard } from "../../agent/drivers/jbd/settings/board.ts";
import { inferChemistry } from "../../agent/drivers/jbd/settings/chemistry.ts";
import type { Chemistry } from "../../agent/drivers/jbd/settings/parameter.ts";
import { decodeSettings, type Settings, understood } from "../../agent/drivers/jbd/settings/settings.ts";
import type { Address } from "../../common/model/address.ts";
import type { Profile } from "./files/profile.ts";
import type { PackState } from "./read-pack.ts";

/** A pack's state and its meaning. */
export interface PackSettings {
  readonly state: PackState;
  readonly board: Board;
  readonly settings: Settings;
  /** As given, or inferred; undefined where it is neither. */
  readonly chemistry: Chemistry | undefined;
  readonly isChemistryGiven: boolean;
}

const COUNTERS = 0xaa;
const LAST_OPEN = 0x05;

export function understandPack(state: PackState, given: Chemistry | undefined): PackSettings {
  const board = describeBoard(state);
  const isSetting = ([register]: readonly [number, Uint8Array]) => register > LAST_OPEN && register !== COUNTERS;
  const registers = new Map([...state.registers].filter(isSetting));
  const settings = decodeSettings(registers, board.coding);
  const chemistry = given ?? inferChemistry(settings.values, board.cellVoltages);
  return { state, board, settings, chemistry, isChemistryGiven: given !== undefined };
}

/** How often each protection has acted; empty where the pack does not report it. */
export function countersOf({ registers }: PackState): Readonly<Record<string, number>> {
  const data = registers.get(COUNTERS);
  return (data && understood(() => decodeCounters(data))) ?? {};
}

/** The settings as a file of settings holds them. */
export function profileOf(pack: { readonly name: string; readonly address: Address }, read: PackSettings): Profile {
  const { board, chemistry, settings, state } = read;
  return {
    pack: {
      name: pack.name,
      device: pack.address,
      ...(board.model !== undefined && { model: board.model }),
      ...(board.software !== undefined && { firmware: board.software }),
      ...(board.cells !== undefined && { cells: board.cells }),
      ...(chemistry && { chemistry }),
      savedAt: state.takenAt,
    },
    values: settings.values,
  };
}
