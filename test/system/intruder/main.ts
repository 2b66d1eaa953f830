// A program of another user of the machine, who tries to read, to forge, to stop and to flood. Prints what became of each attempt.
//   node intruder.js [--bus SOCKET] [--seconds-each N] [--machine]
import { parseArgs } from "node:util";
import { type Attempt, Breach, type Outcome } from "./attempt.ts";
import { busAttempts } from "./bus-attempts.ts";

const { values } = parseArgs({
  options: {
    bus: { type: "string", default: "/run/dbus/system_bus_socket" },
    /** Of an attempt that goes on for a while. */
    "seconds-each": { type: "string", default: "2" },
  },
});

async function outcome({ name, run }: Attempt): Promise<Outcome> {
  try {
    return { name, seen: await run(), isBreach: false };
  } catch (error) {
    return { name, seen: (error as Error).message, isBreach: error instanceof Breach };
  }
}

for (const attempt of busAttempts(values.bus, Number(values["seconds-each"]))) {
  process.stdout.write(`${JSON.stringify(await outcome(attempt))}\n`);
}
