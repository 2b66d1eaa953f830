// A stranger in the network of the house: `attacker.js record LISTEN HOST PORT FILE`, `attacker.js attack SECONDS TARGET`.
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome, Target } from "./outcome.ts";
import { rawAttacks } from "./raw-connections.ts";
import { startRecorder } from "./recorder.ts";
import { zeromqAttacks } from "./zeromq-clients.ts";

const [command, ...args] = process.argv.slice(2);
if (command === "record") {
  const [listenPort, host = "", port, file = ""] = args;
  startRecorder(Number(listenPort), host, Number(port), file, () => process.stderr.write("listening\n"));
} else {
  const [seconds, target = ""] = args;
  await attack(Number(seconds), JSON.parse(target) as Target);
  process.exit(0);
}

/** Runs all attacks at the same time, and prints one JSON line for each outcome. */
async function attack(seconds: number, target: Target): Promise<void> {
  const done = new AbortController();
  const attacks = [...zeromqAttacks(target), ...rawAttacks(target)].map(async ({ name, run }) => {
    const outcome: Outcome = { name, ...(await run(done.signal)) };
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
  });
  await sleep(seconds * 1000);
  done.abort();
  await Promise.all(attacks);
}
