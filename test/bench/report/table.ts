import type { Answer, Budget, Measure, Question } from "../question.ts";
import { median } from "./statistics.ts";

/** The answer to a question as lines for a terminal. */
export function answerLines({ name, title }: Pick<Question, "name" | "title">, answer: Answer): string[] {
  return [
    "",
    `${name}: ${title}`,
    ...answer.measures.flatMap((measure) => ["", ...measureLines(measure)]),
    ...(answer.budgets.length > 0 ? [""] : []),
    ...answer.budgets.map(budgetLine),
    ...answer.notes.map((note) => `  note: ${note}`),
  ];
}

function measureLines(measure: Measure): string[] {
  const { what, unit, series } = measure;
  const width = Math.max(...series.map(({ subject }) => subject.length));
  return [
    `  ${what}${unit && `, ${unit}`}`,
    ...series.map(({ subject, values }) => `    ${subject.padEnd(width)}  ${figureText(measure, values)}`),
  ];
}

/** The median, with the lowest and the highest value where there are several. */
export function figureText({ decimals }: Pick<Measure, "decimals">, values: readonly number[]): string {
  const text = (value: number) =>
    value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  if (values.length === 0) return "not here";
  if (values.length === 1) return text(median(values));
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

const budgetLine = ({ what, figure, isMet }: Budget) =>
  `  ${isMet ? "met    " : "NOT MET"}  ${figure.padStart(20)}  ${what}`;
