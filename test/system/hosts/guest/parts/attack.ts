import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../../../../simulator/program.ts";
import { check, expect } from "../../../installed/guest/check.ts";
import { newestRowsOf } from "../../../machine/telegraf-rows.ts";
import type { Outcome, Target } from "../../attacker/outcome.ts";
import { admit, makeKey, revoke } from "../keys.ts";
import * as paths from "../paths.ts";
import type { Stage } from "../stage.ts";

/** A host that is revoked, and its meter. */
export const REVOKED = "boat";
const ATTACKER = [paths.NODE, join(paths.SUITE, "attacker.js")] as const;
const RECORDING = join(paths.WORK, "recording.jsonl");
const WITHIN_MS = 60_000;
/** A revocation is in force after 1 s; a reading that was on its way then may still arrive. */
const REVOKED_WITHIN_MS = 2_000;
/** Half of the readings are shown at most this much later beside attacks, as a factor and in ms. */
const SLOWER = { factor: 2, ms: 1_000 };
/** Kinds of rejections that the attacks must have caused, by their names in status.json. */
const COUNTED = ["connection", "connections", "key", "host", "owner"];

/** Strangers attack the house, while the shed delivers. */
export async function attack(stage: Stage, seconds: number): Promise<void> {
  const { network, shedMeters, shown } = stage;
  await record(stage);
  const revokedAgent = await revokeHost(stage);
  const since = Date.now();
  await sleep(seconds * 1000);
  const before = { ages: shown.arrivals(shedMeters, since), rejected: stage.status().rejected };

  const attackedSince = Date.now();
  const unknown = stage.run("stranger", "unknown", stage.remoteAgent("unknown", device(stage, 1), makeKey("unknown")));
  const stolen = stage.run("stranger", "stolen", stage.remoteAgent("m1", device(stage, 2), stage.shedKey));
  const target: Target = {
    host: network.address("house"),
    port: paths.PORT,
    serverKey: stage.houseKey.publicKey,
    stolen: stage.shedKey,
    meter: shedMeters[0] ?? "",
    recording: RECORDING,
  };
  const attacker = stage.run("stranger", "attacker", [...ATTACKER, "attack", `${seconds}`, JSON.stringify(target)]);
  await sleep(seconds * 1000);
  const ages = shown.arrivals(shedMeters, attackedSince);
  await Promise.race([attacker.ended, sleep(WITHIN_MS)]);
  for (const program of [attacker, unknown, stolen, revokedAgent]) await program.stop("SIGKILL");
  await sleep(2 * REVOKED_WITHIN_MS);
  const { rejected } = stage.status();

  const outcomes = attacker.stdout.map((line) => JSON.parse(line) as Outcome);
  for (const { name, connections, answers } of outcomes) {
    await check(`attack is refused: ${name}`, async () => {
      expect(connections > 0 && answers === 0, `${answers} answers on ${connections} connections`);
      return `${connections} connections`;
    });
  }
  await check("a meter of the house cannot be written with the key of the shed", async () => {
    const hint = stolen.stderr.find((line) => line.includes("bmsctl hosts move"));
    expect(hint !== undefined, stolen.stderr.slice(-3).join("\n"));
    return hint;
  });
  await check("all refusals are counted in status.json", async () => {
    const kinds = new Set([...Object.keys(rejected), ...COUNTED]);
    const counts = [...kinds].map((kind) => [kind, (rejected[kind] ?? 0) - (before.rejected[kind] ?? 0)] as const);
    const seen = counts.map(([kind, count]) => `${count} ${kind}`).join(", ");
    expect(
      counts.every(([kind, count]) => !COUNTED.includes(kind) || count > 0),
      seen,
    );
    return seen;
  });
  await check("the shed's readings are shown as soon as without attacks", async () => {
    const [calm, attacked] = [figuresOf(before.ages), figuresOf(ages)];
    const seen = `without: ${describe(calm)}; beside attacks: ${describe(attacked)}`;
    expect(attacked.medianMs <= SLOWER.factor * calm.medianMs + SLOWER.ms, seen);
    return seen;
  });
  await stage.recovered();
}

const device = ({ furtherDevices }: Stage, at: number) => furtherDevices[at] ?? "";

/** An agent of the shed connects by way of the stranger, who records what passes. */
async function record({ network, components, run, recovered }: Stage): Promise<void> {
  writeFileSync(RECORDING, "");
  const house = network.address("house");
  const recorder = run("stranger", "recorder", [
    ...ATTACKER,
    ...["record", `${paths.PORT}`, house, `${paths.PORT}`, RECORDING],
  ]);
  await recorder.logged(/listening/);
  network.nameHouse(network.address("stranger"));
  await components.get("m4")?.inject({ kind: "kill", forMs: 0 });
  await recovered(["m4"]);
  network.nameHouse(house);
  await recorder.stop("SIGKILL");
  await recovered();
}

/** A host delivers until it is revoked. Its agent goes on trying. */
async function revokeHost(stage: Stage): Promise<Program> {
  const key = makeKey(REVOKED);
  admit(REVOKED, key);
  const agent = stage.run("stranger", REVOKED, [...stage.remoteAgent(REVOKED, device(stage, 0), key), "-i", "1"]);
  await check("a host that is revoked delivers nothing more", async () => {
    await stage.recovered([REVOKED]);
    revoke(REVOKED);
    const revokedAt = Date.now();
    await sleep(5 * REVOKED_WITHIN_MS);
    const newest = newestRowsOf(paths.ROWS).get(REVOKED) ?? 0;
    expect(newest <= revokedAt + REVOKED_WITHIN_MS, `a reading of ${newest - revokedAt} ms later is stored`);
    return `its newest reading is of ${newest - revokedAt} ms later`;
  });
  return agent;
}

function figuresOf(ages: readonly number[]) {
  const at = (share: number) => ages[Math.max(0, Math.ceil(share * ages.length) - 1)] ?? Number.NaN;
  return { count: ages.length, medianMs: at(0.5), mostMs: at(0.95), worstMs: at(1) };
}

function describe({ count, medianMs, mostMs, worstMs }: ReturnType<typeof figuresOf>): string {
  return `${count} readings, half within ${medianMs} ms, 95 % within ${mostMs} ms, all within ${worstMs} ms`;
}
