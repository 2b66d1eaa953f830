import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../../../installed/guest/check.ts";

/** Linux counts processor time in these, for every program. */
const TICK_MS = 10;
/** Programs of the machine, by a part of their command lines. */
const PROGRAMS: Readonly<Record<string, RegExp>> = {
  "the agent in the house": /bms-agent\.js.-m.m1/,
  "an agent in the shed": /bms-agent\.js.-m.m2/,
  "the aggregator": /bms-aggregator\.js/,
  Telegraf: /bin\/telegraf/,
  "the simulator": /simulator\.js/,
  "the suite": /guest\.js/,
};

/** Processor time of the programs, each agent with a reading in 2 s. */
export async function processorTime(seconds: number): Promise<void> {
  await check("processor time of the programs", async () => {
    const before = ticks();
    await sleep(seconds * 1000);
    const after = ticks();
    return Object.entries(PROGRAMS)
      .map(([name, pattern]) => {
        const used =
          (after.find(({ command }) => pattern.test(command))?.ticks ?? Number.NaN) -
          (before.find(({ command }) => pattern.test(command))?.ticks ?? Number.NaN);
        return `${name} ${((used * TICK_MS) / seconds).toFixed(0)} ms a second`;
      })
      .join(", ");
  });
}

/** Ticks in user mode and in the kernel of every process, from /proc/PID/stat. */
function ticks() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ command, ticks: Number(fields[11]) + Number(fields[12]) }];
      } catch {
        return [];
      }
    });
}
