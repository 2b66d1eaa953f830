/**
 * Control characters (C0, C1, DEL), format characters (bidirectional controls, zero-width characters, soft hyphens, tags),
 * halves of surrogate pairs, and the separators U+2028 and U+2029.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes any text safe for a log or a terminal: no character of it can move the cursor, change the order of others or hide.
 * Unsafe characters become escapes of JSON (`\u001b`), so a line of JSON keeps its value.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escapeUnits);
}

/** Characters of a foreign text in an error message. */
const QUOTED_LENGTH = 40;

/** A foreign text in quotation marks, safe to print and short. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text.slice(0, QUOTED_LENGTH)));
}

/** `printable` for a text of several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function escapeUnits(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
