// Prints the number of rows of each meter, and of gaps: in the order of their times, `polls` counts every row of a run and
// begins anew with the next one. A row that was sent twice has the same time.
import { readFileSync } from "node:fs";

const meters = new Map();
for (const document of readFileSync(process.argv[2], "utf8").split("\0")) {
  const [header = "", ...lines] = document.split("\n");
  const column = header.split(",").indexOf("polls");
  for (const line of lines.filter((text) => text !== "")) {
    const [meter, time, ...cells] = line.split(",");
    const rows = meters.get(meter) ?? new Map();
    meters.set(meter, rows.set(Number(time), Number(cells[column - 2])));
  }
}
let gaps = 0;
for (const [meter, rows] of meters) {
  const polls = [...rows].sort(([a], [b]) => a - b).map(([, count]) => count);
  const ofMeter = polls.filter((count, i) => count !== 1 && count !== (polls[i - 1] ?? 0) + 1).length;
  const runs = polls.filter((count) => count === 1).length;
  gaps += ofMeter;
  process.stdout.write(`${meter}: ${rows.size} rows in ${runs} runs, ${ofMeter} gaps\n`);
}
process.exitCode = gaps === 0 && meters.size === 3 ? 0 : 1;
