// A program of another user of the machine, who tries to read, to forge, to stop and to flood. Prints what became of each
// attempt, one JSON object a line.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Attempt, Breach, type Outcome } from "./attempt.ts";
import { busAttempts } from "./bus-attempts.ts";
import { machineAttempts } from "./machine-attempts.ts";

const PATIENCE_MS = 20_000;

const { values } = parseArgs({
  options: {
    bus: { type: "string", default: "/run/dbus/system_bus_socket" },
    /** Of an attempt that goes on for a while. */
    "seconds-each": { type: "string", default: "2" },
    /** Of rounds through all attempts; the round that is under way is finished. */
    seconds: { type: "string", default: "0" },
    /** Names and addresses of the agents of the installed package; without them only the bus is attacked. */
    agent: { type: "string", multiple: true, default: [] },
    address: { type: "string", multiple: true, default: [] },
    /** In hexadecimal digits, as every user can read this command line. */
    "password-hex": { type: "string", default: "" },
  },
});
const { bus, agent: agents, address: addresses } = values;
const password = Buffer.from(values["password-hex"], "hex").toString();
if (process.getuid?.() === 0) throw new Error("the intruder signals programs and floods them: it does not run as root");
const secondsEach = Number(values["seconds-each"]);
const attempts = [
  ...(agents.length > 0 ? machineAttempts({ bus, agents, addresses, password, secondsEach }) : []),
  ...busAttempts(bus, secondsEach),
];

/** On a bus that is flooded an answer may not come. */
async function tooLong(): Promise<string> {
  await sleep(secondsEach * 1_000 + PATIENCE_MS, undefined, { ref: false });
  return "given up";
}

async function outcome({ name, run }: Attempt): Promise<Outcome> {
  try {
    return { name, seen: await Promise.race([run(), tooLong()]), isBreach: false };
  } catch (error) {
    return { name, seen: (error as Error).message, isBreach: error instanceof Breach };
  }
}

const until = performance.now() + Number(values.seconds) * 1_000;
do {
  for (const attempt of attempts) process.stdout.write(`${JSON.stringify(await outcome(attempt))}\n`);
} while (performance.now() < until);
process.exit(0);
