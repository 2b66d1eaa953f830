import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClockEvidence, clockState } from "../../agent/clock/clock-state.ts";
import { type Finding, note, ok, unknown, wrong } from "./finding.ts";

/** Judges the clock as an agent does. */
export function checkClock(evidence: ClockEvidence, isContainer: boolean): Finding {
  const about = "clock";
  const remedy = "connect the network, or sudo timedatectl set-ntp true";
  const day = new Date(evidence.wallMs).toISOString().slice(0, 10);
  switch (clockState(evidence)) {
    case "confirmed":
      if (evidence.isSynchronised ?? evidence.isMarked) return ok(about, "is synchronised");
      if (evidence.isMarked) return note(about, "is not synchronised now, but was set since boot", remedy);
      return note(about, "is not synchronised, but was set from the real-time clock at boot", remedy);
    case "impossible":
      return wrong(about, `shows ${day}, so readings are held until it is set`, `${remedy}, or sudo date -s`);
    default:
      if (isContainer) return unknown(about, "belongs to the computer that this container runs on", "check it there");
      return wrong(about, "is not synchronised, so readings may get a wrong time", remedy);
  }
}

/** A day's backlog of ten batteries at 10 s, with room for the system. */
const ENOUGH_MB = 100;

/** Checks that readings can be kept in `directory` while the aggregator is away. */
export function checkDisk(directory: string): Finding {
  const about = "disk";
  try {
    const { bavail, bsize } = statfsSync(directory);
    const freeMb = Math.floor((bavail * bsize) / 1_000_000);
    if (freeMb < ENOUGH_MB) {
      return wrong(about, `only ${freeMb} MB are free for ${directory}, which holds the backlog`, "make room");
    }
    const trial = join(directory, ".doctor");
    writeFileSync(trial, "");
    rmSync(trial);
    return ok(about, `${freeMb} MB are free for the backlog`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EACCES") {
      return unknown(about, `cannot check whether ${directory} is writable`, "run the doctor with sudo");
    }
    if (code === "ENOENT") return unknown(about, `${directory} does not exist`, "install the package bms");
    const consequence = "so the backlog is kept in memory only";
    if (code === "EROFS")
      return wrong(about, `${directory} is read-only, ${consequence}`, "look for disk errors in dmesg");
    return wrong(about, `${directory} is not writable (${message}), ${consequence}`);
  }
}
