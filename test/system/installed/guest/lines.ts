/** The machine's last words: it is done, or it goes on after its reboot. */
export const END = "end";
export const REBOOT = "reboot";

/** What must hold, whether it does, and figures or what was seen instead. */
export function formatLine(about: string, holds: boolean, seen: string): string {
  return `${holds ? "ok" : "FAILED"} ${about}${seen === "" ? "" : `: ${seen.trim().replaceAll("\n", " | ")}`}`;
}
