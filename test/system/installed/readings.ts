import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Answer } from "../../integration/system.ts";
import { explainViolation } from "../../support/proof/report.ts";
import { storedOf } from "../../support/proof/stored.ts";
import type { TimelineEvent } from "../../support/proof/timeline.ts";
import { judge, type Violation } from "../../support/proof/verdict.ts";
import type { Finding } from "../machine/report.ts";
import { parseLineProtocol } from "../telegraf/point.ts";
import { BATTERIES } from "./guest/paths.ts";

/** From the battery's answer to the agent's timestamp of its row. */
const ANSWER_TAKES_MS = 2_000;

/** From the command that stops the radio to the end of all links, and from an answer to its agent. */
const RADIO_STOPS_WITHIN_MS = 3_000;
const UNDER_WAY_MS = 1_000;

/** Compares the batteries' answers, from the first row of each agent on, with Telegraf's rows. */
export function judgeReadings(share: string): Finding {
  const read = (name: string) => readFileSync(join(share, name), "utf8");
  const jsonLines = <T>(name: string) =>
    read(name)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as T);
  const stored = storedOf(parseLineProtocol(read("rows")).filter(({ measurement }) => measurement === "battery"));
  const agents = BATTERIES.map(({ name, address }) => ({ meter: name, device: address }));
  const begins = new Map<string, number>(
    agents.map(({ meter, device }) => {
      const times = stored.filter((row) => row.meter === meter && "volts" in row.values).map(({ time }) => time);
      return [device, Math.min(...times) - ANSWER_TAKES_MS];
    }),
  );
  const answers = jsonLines<Answer>("answers.jsonl").filter(({ at, device }) => at >= (begins.get(device) ?? 0));
  const ofAgents = stored.filter(({ meter }) => agents.some((agent) => agent.meter === meter));
  const events = jsonLines<TimelineEvent>("events.jsonl");
  const verdict = judge(agents, answers, ofAgents, events);
  const { taken, delivered, absences, inFlight } = verdict;
  const stops = events.filter(({ component }) => component === "radio").map(({ at }) => at);
  const isLostWithLink = ({ what, time }: Violation) =>
    what === "lost without an allowed reason" &&
    stops.some((at) => time >= at - UNDER_WAY_MS && time <= at + RADIO_STOPS_WITHIN_MS);
  const violations = verdict.violations.filter((violation) => !isLostWithLink(violation));
  const withLink = verdict.violations.length - violations.length;
  const seen = [
    `${taken} taken, ${delivered} stored, ${inFlight} in flight in a killed agent`,
    `${withLink} lost with the link as the radio was stopped`,
    `${absences} rows of absence`,
    ...violations.slice(0, 5).map((violation) => explainViolation(violation, events)),
  ];
  return {
    expected: "every reading of all these runs is stored once",
    verdict: violations.length === 0 ? "passed" : "failed",
    seen: seen.join("; "),
  };
}
