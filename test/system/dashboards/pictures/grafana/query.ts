import { type DataFrame, dateMath, dateTime, FieldType, rangeUtil, type TimeRange, toDataFrame } from "@grafana/data";
import type { Question, Times } from "../question.ts";

/** Queries of a panel, as Grafana's data sources send them, and their answers as frames. */

export interface Target {
  readonly refId: string;
  readonly expr?: string;
  readonly query?: string;
  readonly legendFormat?: string;
  readonly alias?: string;
  readonly instant?: boolean;
  readonly interval?: string;
  /** `table`: one frame with a row per series and a column per label. */
  readonly format?: string;
  readonly resultFormat?: string;
}

export interface Answer {
  readonly labels: Readonly<Record<string, string>>;
  readonly column?: string;
  readonly points: readonly (readonly [atMs: number, value: number | null])[];
}

export type Ask = (question: Question) => Promise<readonly Answer[]>;

/** The time range of a panel, which may have one of its own. @throws where Grafana does not know its words */
export function rangeOf(timeFrom: string | undefined, { nowMs, from }: Times): TimeRange {
  const own = timeFrom === undefined ? undefined : rangeUtil.describeTextRange(timeFrom);
  if (own?.invalid) throw new Error(`invalid time override: ${timeFrom}`);
  const raw = { from: own?.from ?? from, to: "now" };
  const start = dateMath.toDateTime(raw.from, { now: dateTime(nowMs) });
  if (!start) throw new Error(`no time: ${raw.from}`);
  return { from: start, to: dateTime(nowMs), raw };
}

/** Frames of one target. */
export async function framesOf(
  target: Target,
  { range, width, interval }: { readonly range: TimeRange; readonly width: number; readonly interval: string },
  ask: Ask,
): Promise<DataFrame[]> {
  const { refId, expr, query, legendFormat, alias, instant = false } = target;
  const least = target.interval ?? interval;
  const stepMs = rangeUtil.calculateInterval(range, width, least).intervalMs;
  const question = {
    text: expr ?? query ?? "",
    language: expr === undefined ? "influxql" : "promql",
    // A range query in PromQL is evaluated at whole steps.
    fromMs: expr === undefined ? range.from.valueOf() : Math.floor(range.from.valueOf() / stepMs) * stepMs,
    toMs: expr === undefined || instant ? range.to.valueOf() : Math.floor(range.to.valueOf() / stepMs) * stepMs,
    stepS: stepMs / 1000,
    isInstant: instant,
  } as const;
  const answers = await ask(instant ? { ...question, fromMs: range.from.valueOf() } : question);
  if ([target.format, target.resultFormat].includes("table")) return [tableOf(refId, expr !== undefined, answers)];
  return answers.map(({ labels, column = "", points }) => {
    const name =
      expr === undefined
        ? (alias ?? "").replace(/\$tag_(\w+)/g, (_, tag) => labels[tag] ?? "").replace("$col", column)
        : (legendFormat ?? "").replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? "");
    return toDataFrame({
      refId,
      name,
      fields: [
        { name: "Time", type: FieldType.time, values: points.map(([at]) => at), config: { interval: stepMs } },
        {
          name: "Value",
          type: FieldType.number,
          values: points.map(([, value]) => value),
          labels,
          config: { displayNameFromDS: name },
        },
      ],
    });
  });
}

/** The frame that Grafana's data sources make of answers with one value each. */
function tableOf(refId: string, isPromql: boolean, answers: readonly Answer[]): DataFrame {
  const labels = [...new Set(answers.flatMap((answer) => Object.keys(answer.labels)))];
  const [first] = answers;
  if (!first) return toDataFrame({ refId, fields: [] });
  const points = answers.map((answer) => answer.points.at(-1) ?? [0, null]);
  return toDataFrame({
    refId,
    fields: [
      { name: "Time", type: FieldType.time, values: points.map(([at]) => at) },
      ...labels.map((name) => ({
        name,
        type: FieldType.string,
        values: answers.map((answer) => answer.labels[name] ?? ""),
      })),
      {
        name: isPromql ? `Value #${refId}` : first.column,
        type: FieldType.number,
        values: points.map(([, value]) => value),
      },
    ],
  });
}
