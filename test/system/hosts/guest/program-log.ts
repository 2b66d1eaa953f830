import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { WORK } from "./paths.ts";

/** Appends what a program prints to NAME.log, with the time of each line. */
export function openLog(name: string) {
  const log = openSync(join(WORK, `${name}.log`), "a");
  const write = (line: string) => void writeSync(log, `${new Date().toISOString()} ${line}\n`);
  return { onLog: write, onLine: write };
}
