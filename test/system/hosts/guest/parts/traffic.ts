import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../../../installed/guest/check.ts";
import type { Traffic } from "../network.ts";
import type { Stage } from "../stage.ts";

const DAY_S = 86_400;
/** Of each packet, and not the internet's. */
const ETHERNET_BYTES = 14;
/** Times between polls, s; the second one leaves the connection idle. */
export const POLL_S = 10;
export const IDLE_S = 3_600;
/** Time for a connection and what waits for it, ms. */
const SETTLED_AFTER_MS = 15_000;

/** Cost of one meter over the slow link, both directions together, with the headers of IP and what is sent again. */
export async function traffic(stage: Stage, seconds: number, pollsS: readonly number[]): Promise<void> {
  const { components, shedMeters } = stage;
  const [meter = "", ...others] = shedMeters;
  for (const other of others) await components.get(other)?.stop();
  for (const intervalS of pollsS) {
    const what = intervalS === IDLE_S ? "whose connection is idle" : `with a reading in ${intervalS} s`;
    await check(`bytes a day: one meter ${what}`, async () => {
      await stage.setInterval([meter], intervalS);
      await stage.recovered([meter]);
      await sleep(SETTLED_AFTER_MS);
      const before = stage.network.traffic();
      await sleep(seconds * 1000);
      return perDay(before, stage.network.traffic(), seconds);
    });
  }
  await stage.setInterval([meter]);
  for (const other of others) await components.get(other)?.start();
  await stage.recovered();
}

function perDay(before: Traffic, after: Traffic, seconds: number): string {
  const packets = after.packets - before.packets;
  const bytes = after.bytes - before.bytes - packets * ETHERNET_BYTES;
  const days = seconds / DAY_S;
  return `${(bytes / days / 1e6).toFixed(2)} MB in ${Math.round(packets / days)} packets, measured for ${seconds} s`;
}
