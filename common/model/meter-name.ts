const MAX_METER_LENGTH = 64;
const METER = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._:\- ]*[\p{L}\p{M}\p{N}._:-])?$/u;

/**
 * Checks that a name is safe everywhere it is used: unquoted in CSV, as a tag in a database, in a file name, on a command line.
 * It may have letters and digits of any script, and `.` `_` `:` `-` and blanks inside.
 */
export function isMeter(name: string): boolean {
  return name.length <= MAX_METER_LENGTH && METER.test(name);
}

/** The rule of `isMeter`, for error messages. */
export const METER_RULE = `up to ${MAX_METER_LENGTH} letters, digits, and . _ : - or blanks inside`;
