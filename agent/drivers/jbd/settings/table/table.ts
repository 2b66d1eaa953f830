import type { Parameter } from "../parameter.ts";
import { BOARD_PARAMETERS } from "./board.ts";
import { COMMANDS } from "./commands.ts";
import { FLOWS } from "./flows.ts";
import { VOLTAGES } from "./voltages.ts";

/** All settings of a board. Facts and their sources: docs/devices/jbd.md. */
export const SETTINGS: readonly Parameter[] = [...VOLTAGES, ...FLOWS, ...BOARD_PARAMETERS];

const BY_REGISTER = new Map<number, readonly Parameter[]>();
for (const parameter of [...SETTINGS, ...COMMANDS]) {
  BY_REGISTER.set(parameter.register, [...parametersOf(parameter.register), parameter]);
}

/** The registers of all settings, ascending. 0x42 to 0x47 are missing on boards with a version below 2.0. */
export const SETTING_REGISTERS: readonly number[] = [...new Set(SETTINGS.map(({ register }) => register))].sort(
  (a, b) => a - b,
);

/** The parameters of a register, the first byte's first; none where the register is not in the table. */
export function parametersOf(register: number): readonly Parameter[] {
  return BY_REGISTER.get(register) ?? [];
}

/** The setting of a key. */
export function settingOf(key: string): Parameter | undefined {
  return SETTINGS.find((parameter) => parameter.key === key);
}
