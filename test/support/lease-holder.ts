// A process that takes turns: `turn-holder.ts THING TIMES`. It says `taken`, and `over, mine: …` when its turn ends.
import { turnsAt } from "../../agent/radio/sharing/lease.ts";

const [, , thing = "", times = "{}"] = process.argv;
const turn = await turnsAt(thing, JSON.parse(times)).take(new AbortController().signal);
turn.over.addEventListener("abort", () => process.stdout.write(`over, mine: ${turn.isMine()}\n`));
process.stdout.write("taken\n");
process.stdin.resume();
