import { readFileSync } from "node:fs";
import { join } from "node:path";
import { QUANTITY_NAMES } from "../../../common/model/quantities.ts";
import type { Reading, Sample } from "../../../common/model/reading.ts";

const fixture = join(import.meta.dirname, "../../fixtures/captures/jbd-idle.expected.jsonl");
const samples = readFileSync(fixture, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => (JSON.parse(line) as { sample?: Sample }).sample)
  .filter((sample) => sample !== undefined);
const BEGIN = Date.UTC(2026, 0, 1);
/** Columns of a row that are no quantities: meter and time. */
const OTHER_COLUMNS = 2;

/** The reading of an agent, with captured values and as many columns in its row. */
export function readingAt(agent: number, seq: number, columns: number): Reading {
  const captured = samples[seq % samples.length] ?? {};
  const health: Sample = {
    online: 1,
    rssi: -60,
    latency: 124,
    polls: seq,
    failures: 0,
    reconnects: 0,
    backlog: 0,
    dropped: 0,
  };
  const sample: Record<string, number> = { ...captured, ...health };
  for (const name of QUANTITY_NAMES) {
    if (Object.keys(sample).length >= columns - OTHER_COLUMNS) break;
    sample[name] ??= name.startsWith("cell") ? 3_300 + (seq % 50) : 1;
  }
  return {
    meter: `meter${agent}`,
    device: "A4:C1:37:00:00:01",
    driver: "jbd",
    takenAt: BEGIN + seq * 1000,
    run: (process.pid * 0x10000 + agent).toString(16).padStart(16, "0"),
    seq,
    sample,
  };
}
