import { setTimeout as sleep } from "node:timers/promises";
import { check } from "../../../installed/guest/check.ts";
import { injectIntoLink, type LinkFault, nameOf } from "../link-faults.ts";
import { planIncidents } from "../plan.ts";
import type { Stage } from "../stage.ts";

const cut = (seconds: number): LinkFault => ({ kind: "cut", forMs: seconds * 1000 });

/** One fault of the link after the other. Delivery comes back by itself. */
export async function linkFaults(
  stage: Stage,
  cutsS: readonly number[],
  changes: readonly LinkFault["kind"][],
): Promise<void> {
  const faults = [...cutsS.map(cut), ...changes.map((kind): LinkFault => ({ kind, forMs: 0 }))];
  for (const fault of faults) {
    await check(`the shed's readings come again after this: ${nameOf(fault)}`, async () => {
      await injectIntoLink(stage.network, fault);
      return `${inSeconds(await stage.recovered(stage.shedMeters))} later`;
    });
  }
}

/** Programs of both hosts are killed, while the link fails. */
export async function chaos(stage: Stage, seed: string, count: number): Promise<void> {
  const { components, network } = stage;
  await check(`programs of both hosts are killed while the link fails, seed ${seed}`, async () => {
    const incidents = planIncidents(seed, [...components.keys()], count);
    const recoveries: number[] = [];
    for (const { kills, link, waitsForRecovery } of incidents) {
      await Promise.all([
        link && injectIntoLink(network, link),
        ...kills.map(async ({ component, afterMs, forMs }) => {
          await sleep(afterMs);
          await components.get(component)?.inject({ kind: "kill", forMs });
        }),
      ]);
      if (waitsForRecovery) recoveries.push(await stage.recovered());
    }
    recoveries.push(await stage.recovered());
    const sorted = [...recoveries].sort((a, b) => a - b);
    const killed = tally(incidents.flatMap(({ kills }) => kills.map(({ component }) => component)));
    const links = tally(incidents.flatMap(({ link }) => (link ? [link.kind] : [])));
    const median = inSeconds(sorted[Math.floor((sorted.length - 1) / 2)]);
    return `killed: ${killed}; link: ${links}; new readings of all after ${median}, at most ${inSeconds(sorted.at(-1))}`;
  });
}

function tally(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

const inSeconds = (ms = 0) => `${(ms / 1000).toFixed(1)} s`;
