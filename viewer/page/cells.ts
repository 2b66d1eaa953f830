import { html, nothing, svg, type TemplateResult } from "lit-html";
import type { CellView, MeterView } from "../model/views.ts";
import { isBeyond, limitsInWords } from "./cell-limits.ts";
import { cellScale, heightOn } from "./cell-scale.ts";
import { plain } from "./words.ts";

/** Measures of the drawing, in units of its view box. */
const WIDTH = 340;
const HEIGHT = 128;
const AXIS = 44;
const TOP = 16;
const BOTTOM = 24;
const PLOT = HEIGHT - TOP - BOTTOM;

/** A pack's cells as bars, lowest and highest and the balancing ones marked, and the same as a table for screen readers. */
export function cellBars(
  cells: readonly CellView[],
  { meter, cellLimits = {} }: Pick<MeterView, "meter" | "cellLimits">,
): TemplateResult {
  const millivolts = cells.map((cell) => cell.millivolts);
  const scale = cellScale(millivolts);
  const lowest = cells.find(({ isLowest }) => isLowest);
  const highest = cells.find(({ isHighest }) => isHighest);
  const balancing = cells.filter(({ isBalancing }) => isBalancing);
  const spread = Math.max(...millivolts) - Math.min(...millivolts);
  const slot = (WIDTH - AXIS) / cells.length;
  const bar = Math.max(3, Math.min(26, slot * 0.68));
  const { lowMillivolts, highMillivolts } = cellLimits;
  const limits = [lowMillivolts, highMillivolts].filter(
    (limit) => limit !== undefined && limit >= scale.from && limit <= scale.to,
  ) as readonly number[];
  const limitsText = limitsInWords(cellLimits);
  const y = (value: number) => TOP + PLOT * (1 - heightOn(scale, value));
  const labelEvery = Math.ceil(14 / slot);
  return html`<figure class="cells">
    <figcaption><span>Cells</span><span><b data-spread=${spread}>${spread} mV</b> spread</span></figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
      ${scale.lines.map(
        (line, index) => svg`<line class="grid" x1=${AXIS} x2=${WIDTH} y1=${y(line)} y2=${y(line)}/>
        ${index % 2 === 0 ? svg`<text class="axis" x=${AXIS - 6} y=${y(line) + 3.5} text-anchor="end">${plain(line / 1000, 3)}</text>` : nothing}`,
      )}
      ${limits.map((limit) => svg`<line class="limit" x1=${AXIS} x2=${WIDTH} y1=${y(limit)} y2=${y(limit)}/>`)}
      ${cells.map((cell, index) => {
        const x = AXIS + slot * (index + 0.5);
        const top = y(cell.millivolts);
        return svg`<rect class="cell" data-mark=${isBeyond(cell, cellLimits) ? "beyond" : mark(cell)} x=${x - bar / 2} y=${top} width=${bar} height=${TOP + PLOT - top} rx=${Math.min(3, bar / 4)}/>
          ${cell.isHighest ? svg`<text class="mark" x=${x} y=${top - 4} text-anchor="middle">▲</text>` : nothing}
          ${cell.isLowest ? svg`<text class="mark" x=${x} y=${top - 4} text-anchor="middle">▼</text>` : nothing}
          ${cell.isBalancing ? svg`<circle class="balancing" cx=${x} cy=${HEIGHT - 4} r="2.5"/>` : nothing}
          ${index % labelEvery === 0 ? svg`<text class="axis" x=${x} y=${HEIGHT - 11} text-anchor="middle">${cell.number}</text>` : nothing}`;
      })}
    </svg>
    <p class="legend" aria-hidden="true">
      ${highest ? html`<span>▲ cell ${highest.number} <b>${volts(highest)}</b></span>` : nothing}
      ${lowest ? html`<span>▼ cell ${lowest.number} <b>${volts(lowest)}</b></span>` : nothing}
      ${balancing.length > 0 ? html`<span><i class="dot"></i> balancing</span>` : nothing}
    </p>
    <p class="quiet scale">Bars begin at ${plain(scale.from / 1000, 3)} V, not at zero; each line is ${(scale.to - scale.from) / 4} mV.${limitsText ? ` Limits: ${limitsText}.` : nothing}</p>
    <table class="sr">
      <caption>Cells of ${meter}, spread ${spread} mV${limitsText ? `, limits ${limitsText}` : nothing}</caption>
      <thead><tr><th scope="col">Cell</th><th scope="col">Millivolts</th><th scope="col">Remarks</th></tr></thead>
      <tbody>${cells.map((cell) => html`<tr data-cell=${cell.number}><th scope="row">${cell.number}</th><td>${cell.millivolts}</td><td>${remarks(cell)}</td></tr>`)}</tbody>
    </table>
  </figure>`;
}

function volts({ millivolts }: CellView): string {
  return `${plain(millivolts / 1000, 3)} V`;
}

function mark({ isLowest, isHighest }: CellView): string {
  if (isLowest) return "lowest";
  return isHighest ? "highest" : "none";
}

function remarks({ isLowest, isHighest, isBalancing }: CellView): string {
  return [isLowest && "lowest", isHighest && "highest", isBalancing && "balancing"].filter(Boolean).join(", ");
}
