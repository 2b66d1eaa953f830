/**
 * Gives back what only the start of a program needed: garbage, and code that has run once. V8 alone would keep it for as
 * long as the program is small. Does nothing unless Node runs with --expose-gc, as the units start it.
 */
export function trimMemory(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
