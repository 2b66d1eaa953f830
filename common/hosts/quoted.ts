import { printable } from "../model/printable.ts";

const MAX_LENGTH = 40;

/** A foreign text in quotation marks, safe to print and short. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text.slice(0, MAX_LENGTH)));
}
