import { html, nothing, type TemplateResult } from "lit-html";
import { QUANTITIES } from "../../common/model/quantities.ts";
import type { ChartModel } from "./chart-model.ts";
import { readout, type TableRow } from "./chart-words.ts";
import { glance, moment } from "./words.ts";

/** A chart, what it shows in a sentence, and its values as a table. */
export function chartPanel(model: ChartModel, now: number): TemplateResult {
  const { spec, times } = model;
  const [first = "volts"] = spec.quantities;
  const lastIndex = times.length - 1;
  const show = (figure: HTMLElement, index: number | null) => {
    const output = figure.querySelector("output");
    if (!output) return;
    const at = times[index ?? lastIndex];
    output.textContent =
      at === undefined ? "" : `${index === null ? "" : `${moment(at, now)}  `}${readout(model, index ?? lastIndex)}`;
  };
  const onPoint = ({ currentTarget, detail }: CustomEvent<number | null>) => {
    const figure = (currentTarget as HTMLElement).closest("figure");
    if (figure) show(figure, detail);
  };
  return html`<figure class="panel chart" data-chart=${spec.title}>
    <figcaption>
      <h3>${spec.title} <span class="unit">${QUANTITIES[first].unit}</span></h3>
      <output aria-hidden="true"></output>
    </figcaption>
    ${lastIndex < 0 ? html`<p class="quiet none">No values in this time.</p>` : html`<time-chart aria-hidden="true" .model=${model} @point=${onPoint}></time-chart>`}
    <p class="sr">${model.description}</p>
    ${lastIndex < 0 ? nothing : table(model, now)}
  </figure>`;
}

function table(model: ChartModel, now: number) {
  const { spec } = model;
  const [first = "volts"] = spec.quantities;
  const cell = (value: number | undefined) =>
    html`<td class="number">${value === undefined ? "–" : glance(first, value)}</td>`;
  const row = ({ from: start, low, mean, high }: TableRow) =>
    html`<tr><th scope="row">${moment(start, now)}</th>${cell(low)}${cell(mean)}${cell(high)}</tr>`;
  return html`<details>
    <summary>As a table<span class="sr">: ${spec.title}</span></summary>
    <table class="health">
      <thead><tr><th scope="col">From</th><th scope="col" class="number">Lowest</th><th scope="col" class="number">Mean</th><th scope="col" class="number">Highest</th></tr></thead>
      <tbody>${model.table.map(row)}</tbody>
    </table>
  </details>`;
}
