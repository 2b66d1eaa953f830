// Every so many-th application of a run, in a process of its own: one line of JSON.
import { setMaxListeners } from "node:events";
import { runApplication } from "./application.ts";
import { planOf } from "./plan.ts";
import { added, NOTHING, summaryOf } from "./summary.ts";

// A link of the simulator waits for each of its answers on one signal.
setMaxListeners(0);
const [seed = "1", first = "0", step = "1", end = "0"] = process.argv.slice(2);
let summary = NOTHING;
for (let number = Number(first); number < Number(end); number += Number(step)) {
  summary = added(summary, summaryOf(number, await runApplication(planOf(seed, number))));
}
process.stdout.write(`${JSON.stringify(summary)}\n`);
