import { PROTECTIONS } from "../../agent/drivers/jbd/sample.ts";
import { QUANTITIES } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { WorkDeps } from "./open-pack.ts";
import { SettingsError } from "./settings-error.ts";

export const MOSFETS = ["charge", "discharge"] as const;
export type Mosfet = (typeof MOSFETS)[number];

/** Bits of `fet`. */
const BITS = { charge: 1, discharge: 2 } as const satisfies Record<Mosfet, number>;
const MASK = BITS.charge | BITS.discharge;
/** Bit of `protect`: a MOSFET is off by software. */
const SOFTWARE_LOCK = 0x1000;
const REGISTER = 0xe1;

/** Readings after a switch in which it must show, and the time before each, ms. */
const READ_BACK = { readings: 6, pauseMs: 500 };

/** Switches one MOSFET and reads `fet` until it shows. @throws {SettingsError} if it does not {RadioError} {FrameError} */
export async function switchMosfet(mosfet: Mosfet, isOn: boolean, deps: WorkDeps): Promise<void> {
  const { link, clock, audit } = deps;
  const { poll, settings } = await link.connection();
  const before = await poll();
  const allowed = { ...allowedNow(before), [mosfet]: isOn };
  const change = { register: REGISTER, before: wordOf((before.fet ?? 0) & MASK), after: wordOf(maskOf(allowed)) };
  let after: Sample = {};
  try {
    await settings.switchMosfets(allowed);
    // The vendor's app does the same, although factory mode was not entered.
    await settings.leave({ commit: false });
    for (let i = 0; i < READ_BACK.readings; i++) {
      await clock.sleep(READ_BACK.pauseMs);
      after = await poll();
      if (isMosfetOn(after, mosfet) === isOn) return;
    }
  } finally {
    audit({ ...change, ...foundIn(after) });
  }
  const words = isOn ? "on" : "off";
  const reason = isOn && activeProtections(after);
  throw new SettingsError(
    reason
      ? `${mosfet} is allowed again, but a protection keeps it off: ${reason}`
      : `the pack acknowledged ${mosfet} ${words}, and its basic information does not show it`,
  );
}

/** False where the pack does not report it. */
function isMosfetOn({ fet = 0 }: Sample, mosfet: Mosfet): boolean {
  return (fet & BITS[mosfet]) !== 0;
}

/** A MOSFET that is off without the software's lock is off by a protection, which must not become a lock. */
function allowedNow(sample: Sample): Record<Mosfet, boolean> {
  if (sample.fet === undefined || sample.protect === undefined) {
    throw new SettingsError("the pack does not report the state of its MOSFETs: nothing was switched");
  }
  const isLocked = (sample.protect & SOFTWARE_LOCK) !== 0;
  return {
    charge: !isLocked || isMosfetOn(sample, "charge"),
    discharge: !isLocked || isMosfetOn(sample, "discharge"),
  };
}

/** The protections that are active, in words; empty where there are none. The software lock is the switch itself. */
function activeProtections(sample: Sample): string {
  return PROTECTIONS.filter((name) => name !== "cnf" && sample[name] === 1)
    .map((name) => QUANTITIES[name].state)
    .join(", ");
}

/** In the sense of `fet`: a bit is set while a MOSFET is on. */
const maskOf = (on: Record<Mosfet, boolean>) => (on.charge ? BITS.charge : 0) | (on.discharge ? BITS.discharge : 0);
const wordOf = (word: number) => Uint8Array.of(word >> 8, word & 0xff);
const foundIn = ({ fet }: Sample) => (fet === undefined ? {} : { found: wordOf(fet & MASK) });
