const MAX_METER_LENGTH = 64;
const METER = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._:\- ]*[\p{L}\p{M}\p{N}._:-])?$/u;

/**
 * Whether a name can stand for a device everywhere it goes: unquoted in CSV, as a tag in a database, in a file name, on a
 * command line. Letters and digits of any script, and `.` `_` `:` `-` and blanks inside.
 */
export function isMeter(name: string): boolean {
  return name.length <= MAX_METER_LENGTH && METER.test(name);
}

/** The rule of `isMeter` for people. */
export const METER_RULE = `up to ${MAX_METER_LENGTH} letters, digits, and . _ : - or blanks inside`;
