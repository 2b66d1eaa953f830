import { timerOf } from "./batteries.ts";
import { unitOf } from "./instance-name.ts";
import type { Systemd } from "./systemd.ts";

/** Starts the timer before it stops the service: a crash in between does not leave the battery unread. */
export async function stopForAWhile(name: string, minutes: number, systemd: Systemd): Promise<void> {
  const timer = timerOf(name);
  await systemd.control("stop", `${timer}.timer`).catch(() => {});
  await systemd.startLater(timer, unitOf(name), minutes * 60);
  await systemd.control("stop", unitOf(name));
}

export interface LentBattery {
  /** False where its service was not running: nothing is lent, and nothing is given back. */
  readonly wasRunning: boolean;
  /** Starts the service again. */
  giveBack(): Promise<void>;
}

/** The service comes back by the timer after this time, if whoever borrowed its battery was killed. */
const LONGEST_MINUTES = 10;

/** Stops the service of a battery, if it runs, so that this process can connect to it. @throws {ServiceError} */
export async function lendBattery(name: string, systemd: Systemd): Promise<LentBattery> {
  const [service] = await systemd.show([unitOf(name)]);
  if (!service || service.active === "inactive") return { wasRunning: false, giveBack: async () => {} };
  await stopForAWhile(name, LONGEST_MINUTES, systemd);
  return {
    wasRunning: true,
    async giveBack() {
      // The timer is the second chance: it is stopped only once the service runs.
      await systemd.control("start", "--no-block", unitOf(name));
      await systemd.control("stop", `${timerOf(name)}.timer`).catch(() => {});
    },
  };
}
