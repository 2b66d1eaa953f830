import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "../../integration/system.ts";
import { explainFault } from "../../support/proof/report.ts";
import { storedOf } from "../../support/proof/stored.ts";
import type { Incident } from "../../support/proof/story.ts";
import { judge } from "../../support/proof/verdict.ts";
import { parseLineProtocol } from "../telegraf/point.ts";
import { formatLine } from "./guest/lines.ts";
import { BATTERIES } from "./guest/places.ts";

/** What the README states for the settings of a service, with what the machine's slow processor adds. */
const PROMISES = { settledWithinMs: 45_000, spooledWithinMs: 15_000, stuckWithinMs: 15_000 };
/** A row carries its agent's time, which is later than the battery's by the way of an answer. */
const ANSWER_TAKES_MS = 2_000;

/** Compares what the batteries said, from the first row of each agent on, with what Telegraf has written. */
export function judgeReadings(share: string): string[] {
  const read = (name: string) => readFileSync(join(share, name), "utf8");
  const jsonLines = <T>(name: string) =>
    read(name)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as T);
  const stored = storedOf(parseLineProtocol(read("rows")).filter(({ measurement }) => measurement === "battery"));
  const agents = BATTERIES.map(({ name, address }) => ({ meter: name, device: address, spoolsAlways: false }));
  const begins = new Map<string, number>(
    agents.map(({ meter, device }) => {
      const times = stored.filter((row) => row.meter === meter && "volts" in row.values).map(({ time }) => time);
      return [device, Math.min(...times) - ANSWER_TAKES_MS];
    }),
  );
  const answers = jsonLines<Answer>("answers.jsonl").filter(({ at, device }) => at >= (begins.get(device) ?? 0));
  const ofAgents = stored.filter(({ meter }) => agents.some((agent) => agent.meter === meter));
  const story = jsonLines<Incident>("story.jsonl");
  const { taken, delivered, absences, inTheHand, unsettled, faults } = judge(
    agents,
    answers,
    ofAgents,
    story,
    PROMISES,
  );
  const seen = [
    `${taken} taken, ${delivered} stored, ${inTheHand} lost in the hand of a killed agent, ${unsettled} unsettled`,
    `${absences} rows of absence`,
    ...faults.slice(0, 5).map((fault) => explainFault(fault, story)),
  ];
  const lines = [formatLine("every reading of all these runs is stored once", faults.length === 0, seen.join("; "))];
  for (const line of lines) process.stdout.write(`${line}\n`);
  return lines;
}
