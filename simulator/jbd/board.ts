import type { JbdReply, JbdRequest } from "../../agent/drivers/jbd/frame.ts";
import { createEeprom, type Unsaved } from "./eeprom.ts";
import type { Registers } from "./factory-settings.ts";
import type { Family } from "./families.ts";
import { countOf, wordOf } from "./word.ts";

/** Facts about a board that differ from pack to pack, or that no document states. */
export interface BoardOptions {
  readonly family: Family;
  readonly unsaved: Unsaved;
  /** Number of the front-end chip, the answer of register 0x00; a board without an answer has a chip by TI. */
  readonly chip: number | undefined;
  /** True where a lost link ends factory mode. */
  readonly linkEndsFactoryMode: boolean;
}

/** The parameters of a pack, its factory mode and its switches: every register but those of the present values. */
export interface Board {
  /** Undefined where the board does not answer. */
  respond(request: JbdRequest): JbdReply | undefined;
  readonly isInFactoryMode: boolean;
  /** MOSFETs that are switched off by 0xE1: bit 0 charging, bit 1 discharging. */
  readonly switchedOff: number;
  readonly working: Registers;
  readonly stored: Registers;
  linkEnded(): void;
  losePower(): void;
  /** The next saving stops after so many registers, as where the power fails. */
  interruptSave(after: number): void;
}

/** Values of the pack that some registers of a board show. */
export interface BoardDeps {
  /** Millivolts. */
  cells(): readonly number[];
  clearCounters(): void;
}

const OK = 0x00;
const UNKNOWN = 0x80;
const NOT_ALLOWED = 0x81;

const ENTER_OR_CHIP = 0x00;
const LEAVE = 0x01;
const MOSFETS = 0xe1;
const ENTER_KEY = 0x5678;
const SAVE_KEY = 0x2828;
const DISCARD_KEY = 0x0000;
const FIRST_TEXT = 0xa0;
const MOSFET_BITS = 0b11;

interface Block {
  /** Bytes. */
  readonly size: number;
  /** True where it is read without factory mode. */
  readonly isOpen: boolean;
}

/** Blocks of V19. */
const BLOCKS: ReadonlyMap<number, Block> = new Map([
  [0x0f, { size: 58, isOpen: true }],
  [0xf2, { size: 53, isOpen: false }],
  [0xf3, { size: 52, isOpen: false }],
]);

const NOTHING = new Uint8Array();
type Outcome = readonly [status: number, payload?: Uint8Array];

export function createBoard(contents: Registers, options: BoardOptions, deps: BoardDeps): Board {
  const { family, unsaved, chip, linkEndsFactoryMode } = options;
  const present = [...contents].filter(([register]) => !family.missing.includes(register));
  const eeprom = createEeprom(new Map(present), unsaved);
  let isInFactoryMode = false;
  let switchedOff = 0;
  let interruptedAfter: number | undefined;

  function readParameter(register: number): Outcome {
    if (!contents.has(register)) return [UNKNOWN];
    if (!isInFactoryMode && !family.open.includes(register)) return [NOT_ALLOWED];
    const cell = family.liveCellsFrom === undefined ? undefined : deps.cells()[register - family.liveCellsFrom];
    const content = cell === undefined ? eeprom.working.get(register) : wordOf(cell);
    return content ? [OK, content] : [UNKNOWN];
  }

  function writeParameter(register: number, data: Uint8Array): Outcome {
    if (!contents.has(register)) return [UNKNOWN];
    if (!isInFactoryMode) return [NOT_ALLOWED];
    const fits = register < FIRST_TEXT ? data.length === 2 : data.length === (data[0] ?? 0) + 1;
    if (!fits) return [UNKNOWN];
    if (eeprom.working.has(register) && !family.ignored.includes(register)) eeprom.write(register, data);
    return [OK];
  }

  function readBlock({ size, isOpen }: Block): Outcome {
    return isOpen || isInFactoryMode ? [OK, new Uint8Array(size)] : [NOT_ALLOWED];
  }

  function enter(key: number | undefined): Outcome {
    if (key !== ENTER_KEY) return [UNKNOWN];
    isInFactoryMode = true;
    return [OK];
  }

  function leave(key: number | undefined): Outcome {
    if (key !== SAVE_KEY && key !== DISCARD_KEY) return [UNKNOWN];
    if (key === SAVE_KEY) {
      eeprom.save(interruptedAfter);
      interruptedAfter = undefined;
      deps.clearCounters();
    } else eeprom.discard();
    isInFactoryMode = false;
    return [OK];
  }

  function switchOff(bits: number | undefined): Outcome {
    if (bits === undefined || bits > MOSFET_BITS) return [UNKNOWN];
    switchedOff = bits;
    return [OK];
  }

  const commands: ReadonlyMap<number, (value: number | undefined) => Outcome> = new Map([
    [ENTER_OR_CHIP, enter],
    [LEAVE, leave],
    [MOSFETS, switchOff],
  ]);

  function read(register: number): Outcome | undefined {
    if (register === ENTER_OR_CHIP) return chip === undefined ? undefined : [OK, Uint8Array.of(0, chip)];
    const block = family.hasBlocks ? BLOCKS.get(register) : undefined;
    return block ? readBlock(block) : readParameter(register);
  }

  function write(register: number, data: Uint8Array): Outcome {
    return commands.get(register)?.(countOf(data)) ?? writeParameter(register, data);
  }

  return {
    respond({ write: isWrite, register, data }) {
      const outcome = isWrite ? write(register, data) : read(register);
      return outcome && { register, status: outcome[0], payload: outcome[1] ?? NOTHING };
    },
    get isInFactoryMode() {
      return isInFactoryMode;
    },
    get switchedOff() {
      return switchedOff;
    },
    working: eeprom.working,
    stored: eeprom.stored,
    linkEnded() {
      if (!linkEndsFactoryMode || !isInFactoryMode) return;
      isInFactoryMode = false;
      eeprom.discard();
    },
    losePower() {
      isInFactoryMode = false;
      switchedOff = 0;
      interruptedAfter = undefined;
      eeprom.losePower();
    },
    interruptSave(after) {
      interruptedAfter = after;
    },
  };
}
