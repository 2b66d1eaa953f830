import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Finding, ok, unknown, wrong } from "./finding.ts";

/** Of `timedatectl show --property=NTPSynchronized --value`; empty where that cannot be asked. */
export function judgeClock(answer: string): Finding {
  const about = "clock";
  if (answer === "yes") return ok(about, "is synchronised");
  if (answer === "no") {
    return wrong(
      about,
      "is not synchronised, so readings may get a wrong time: connect the network, or sudo timedatectl set-ntp true",
    );
  }
  return unknown(about, "timedatectl does not tell whether it is synchronised");
}

/** A day's backlog of ten batteries at 10 s, and room for the system besides. */
const ENOUGH_MB = 100;

/** Whether readings can wait in `folder` for an aggregator that is away. */
export function examineDisk(folder: string): Finding {
  const about = "disk";
  try {
    const { bavail, bsize } = statfsSync(folder);
    const freeMb = Math.floor((bavail * bsize) / 1_000_000);
    if (freeMb < ENOUGH_MB) {
      return wrong(about, `only ${freeMb} MB are free for ${folder}, where readings wait during an outage: make room`);
    }
    const trial = join(folder, ".doctor");
    writeFileSync(trial, "");
    rmSync(trial);
    return ok(about, `${freeMb} MB are free for readings that wait`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EACCES")
      return unknown(about, `whether ${folder} can be written only root can tell: run the doctor with sudo`);
    if (code === "EROFS") {
      return wrong(about, `${folder} is read-only, so readings wait in memory alone: look for disk errors in dmesg`);
    }
    return wrong(about, `${folder} cannot be written (${message}): readings wait in memory alone`);
  }
}
