import { FrameError } from "../../agent/codec/frame-error.ts";
import type { SettingsSession } from "../../agent/drivers/device-session.ts";
import { hexByte } from "../../agent/drivers/jbd/frame.ts";
import { isSilence } from "../../agent/drivers/request-response.ts";
import { type FactoryModeDeps, inFactoryMode } from "./factory-mode.ts";
import { SettingsError } from "./settings-error.ts";
import { hex, isEqual } from "./write-registers.ts";

/** Registers by number, as the pack sent them. One that it did not answer is absent. */
export type Registers = ReadonlyMap<number, Uint8Array>;

/** Everything that a pack answered, at one moment. */
export interface PackState {
  /** Milliseconds since the Unix epoch. */
  readonly takenAt: number;
  readonly registers: Registers;
  /** True where the pack answers for its parameters outside of factory mode as well. */
  readonly isOpen: boolean;
}

/** The basic information comes first: without it nothing is known. */
const INFORMATION = 0x03;
/** Model, cells, front-end chip, counters: outside of factory mode. Most boards are silent about the chip. */
const OPEN_REGISTERS = [0x05, 0x04, 0x00, 0xaa] as const;
const FEW_ATTEMPTS = 2;
/** The block of parameters that tells boards of the protocol V19 from others. It is read, and never written. */
const V19_BLOCK = 0xf2;

/** Registers in a row without an answer after which the pack counts as silent. */
const MAX_SILENT = 4;

export interface ReadDeps extends FactoryModeDeps {
  /** Aborts between two registers. */
  readonly stop: AbortSignal;
  /** Called with the number of registers read so far. */
  readonly progress: (done: number, all: number) => void;
}

/** Reads a pack: its identity, and these parameters in factory mode. @throws {RadioError} {FrameError} */
export async function readPack(parameters: readonly number[], deps: ReadDeps): Promise<PackState> {
  const { link, clock } = deps;
  const { settings } = await link.connection();
  const open = new Map([[INFORMATION, await settings.read(INFORMATION)]]);
  for (const register of OPEN_REGISTERS) {
    const data = await ifAnswered(settings.read(register, FEW_ATTEMPTS));
    if (data) open.set(register, data);
  }
  const isOpen = await answersOutside(settings, parameters[0]);
  const inside = await inFactoryMode({ commit: false }, deps, (connection) =>
    readParameters(connection.settings, [V19_BLOCK, ...parameters], deps),
  );
  return { takenAt: clock.now(), registers: new Map([...open, ...inside]), isOpen };
}

/** Asks again after leaving factory mode, in which an earlier program may have left the pack. */
async function answersOutside(settings: SettingsSession, register: number | undefined): Promise<boolean> {
  if (register === undefined || !(await ifAnswered(settings.read(register)))) return false;
  await settings.leave({ commit: false });
  return (await ifAnswered(settings.read(register))) !== undefined;
}

/**
 * Reads a pack twice. A disturbed line once gave a value that was sound and wrong, which a saved state must not hold.
 * @throws {SettingsError} where two readings of a register differ @throws {RadioError} {FrameError}
 */
export async function readPackTwice(parameters: readonly number[], deps: ReadDeps): Promise<PackState> {
  const first = await readPack(parameters, deps);
  const second = await readPack(parameters, deps);
  for (const register of parameters) {
    const [before, after] = [first.registers.get(register), second.registers.get(register)];
    if (before === after || (before && after && isEqual(before, after))) continue;
    const [was, is] = [before, after].map((data) => (data ? `held ${hex(data)}` : "was not answered"));
    throw new SettingsError(
      `register ${hexByte(register)} ${was} at first, and ${is} when it was read again: nothing is written; try once more`,
    );
  }
  return second;
}

/** Reads parameters in factory mode. @throws {RadioError} {FrameError} the reason of `stop` */
export async function readParameters(
  settings: SettingsSession,
  parameters: readonly number[],
  { stop, progress }: Pick<ReadDeps, "stop" | "progress">,
): Promise<Registers> {
  const registers = new Map<number, Uint8Array>();
  let silent = 0;
  for (const [i, register] of parameters.entries()) {
    stop.throwIfAborted();
    progress(i, parameters.length);
    const reading = settings.read(register);
    const data = await (silent < MAX_SILENT ? ifAnswered(reading, () => (silent += 1)) : reading);
    if (!data) continue;
    silent = 0;
    registers.set(register, data);
  }
  return registers;
}

/** Undefined where the pack refuses, is silent, or sends an unusable answer. @throws {RadioError} any other */
async function ifAnswered(reading: Promise<Uint8Array>, onSilence?: () => void): Promise<Uint8Array | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof FrameError && error.fault === "refused") return undefined;
    if (!isSilence(error)) throw error;
    onSilence?.();
    return undefined;
  }
}
