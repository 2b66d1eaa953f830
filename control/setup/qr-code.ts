import { renderUnicodeCompact } from "uqr";

/** ECMA-48: white on black, in whatever colours the terminal has. */
const COLOURS = ["\x1b[97;40m", "\x1b[m"] as const;

/** A QR code for a terminal. The blocks of the code are its light parts. */
export function qrCode(text: string): string {
  const [begin, end] = COLOURS;
  const lines = renderUnicodeCompact(text, { border: 2 }).split("\n");
  return `${lines.map((line) => `${begin}${line}${end}`).join("\n")}\n`;
}
