import type { Registers } from "./factory-settings.ts";

/**
 * Ways in which a board may treat writes that were not saved. No document tells which one a board has: an owner must be
 * safe with each.
 */
export const UNSAVED = {
  stored: "each write is permanent at once",
  volatile: "writes act until the board loses power",
  discarded: "writes act until factory mode is left without saving",
} as const;
export type Unsaved = keyof typeof UNSAVED;

/** Parameters of a board: those it works with, and those it will have after a loss of power. */
export interface Eeprom {
  readonly working: Registers;
  readonly stored: Registers;
  write(register: number, data: Uint8Array): void;
  /** Factory mode is left with saving. A loss of power after `most` registers leaves the others unsaved. */
  save(most?: number): void;
  /** Factory mode is left without saving. */
  discard(): void;
  losePower(): void;
}

export function createEeprom(contents: Registers, unsaved: Unsaved): Eeprom {
  const working = new Map(contents);
  const stored = new Map(contents);

  function revert(): void {
    for (const [register, data] of stored) working.set(register, data);
  }
  function save(most = Number.POSITIVE_INFINITY): void {
    const changed = [...working].filter(([register, data]) => stored.get(register) !== data);
    for (const [register, data] of changed.slice(0, most)) stored.set(register, data);
  }

  return {
    working,
    stored,
    write(register, data) {
      working.set(register, Uint8Array.from(data));
      if (unsaved === "stored") save();
    },
    save,
    discard() {
      if (unsaved === "discarded") revert();
    },
    losePower: revert,
  };
}
