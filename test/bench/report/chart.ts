import type { Measure } from "../question.ts";
import { median } from "./statistics.ts";
import { figureText } from "./table.ts";

const WIDTH = 760;
const LABEL = 270;
const VALUE = 190;
const ROW = 22;
const HEAD = 30;
const GAP = 14;
const BAR = 12;

/** Readable on white and on black: the colours follow the reader's scheme. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .bar { fill: #8c959f }
  .own { fill: #0969da }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .bar { fill: #6e7681 }
    .own { fill: #58a6ff }
    .spread { stroke: #e6edf3 }
  }`;

/** Bars from 0, one group per measure: the median, with a line from the lowest value to the highest. Own programs stand out. */
export function chart(title: string, measures: readonly Measure[]): string {
  let y = 0;
  const groups = measures.map((measure) => {
    const group = groupAt(measure, y);
    y += HEAD + measure.series.length * ROW + GAP;
    return group;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
${groups.join("\n")}
</svg>
`;
}

function groupAt(measure: Measure, top: number): string {
  const { what, unit, series } = measure;
  const highest = Math.max(...series.flatMap(({ values }) => values), 0);
  const scale = highest > 0 ? (WIDTH - LABEL - VALUE) / highest : 0;
  const title = `<text class="title" x="0" y="${top + 18}">${escaped(unit ? `${what}, ${unit}` : what)}</text>`;
  const rows = series.map(({ subject, values }, i) => {
    const y = top + HEAD + i * ROW;
    const label = `<text x="${LABEL - 8}" y="${y + 11}" text-anchor="end">${escaped(subject)}</text>`;
    const figure = `<text x="${WIDTH - VALUE + 8}" y="${y + 11}">${escaped(figureText(measure, values))}</text>`;
    return [label, ...bars(subject, values, y, scale), figure].join("");
  });
  return [title, ...rows].join("\n");
}

function bars(subject: string, values: readonly number[], y: number, scale: number): string[] {
  if (values.length === 0) return [];
  const at = (value: number) => (LABEL + Math.max(0, value) * scale).toFixed(1);
  const width = (Math.max(0, median(values)) * scale).toFixed(1);
  const kind = /^(agent|aggregator|house)/.test(subject) ? "bar own" : "bar";
  const bar = `<rect class="${kind}" x="${LABEL}" y="${y}" width="${width}" height="${BAR}" rx="2"/>`;
  if (values.length === 1) return [bar];
  const middle = y + BAR / 2;
  const [low, high] = [at(Math.min(...values)), at(Math.max(...values))];
  return [bar, `<line class="spread" x1="${low}" x2="${high}" y1="${middle}" y2="${middle}"/>`];
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
