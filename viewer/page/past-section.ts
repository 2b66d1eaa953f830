import { html, nothing, type TemplateResult } from "lit-html";
import type { DayView, HistoryView, LifetimeView } from "../model/views.ts";
import type { ChartModel } from "./chart-model.ts";
import { chartPanel } from "./chart-panel.ts";
import { RANGES, type Range } from "./charts.ts";
import { energyPanel, lifetimePanel } from "./energy.ts";
import { moment } from "./words.ts";

/** The meter and the span of time that the history shows. */
export interface Selection {
  readonly meter: string;
  readonly range: Range;
}

/** Answer of the viewer for a selection. */
export interface Past {
  readonly charts: readonly ChartModel[];
  readonly days: readonly DayView[];
  readonly lifetime: LifetimeView | undefined;
}

export interface PastView {
  readonly meters: readonly string[];
  readonly selection: Selection;
  /** Undefined until the first answer for this selection. */
  readonly past: Past | undefined;
  readonly hasFailed: boolean;
  readonly history: HistoryView;
  readonly now: number;
}

/** Charts, energy and lifetime of one meter. `select` is called with every choice. */
export function pastSection(view: PastView, select: (selection: Selection) => void): TemplateResult {
  const { meters, selection, past, now } = view;
  const { meter, range } = selection;
  return html`<div class="past-head">
      <h2>History</h2>
      ${choices("Meter", meters, meter, (name) => select({ meter: name, range }))}
      ${choices(
        "Time",
        RANGES.map(({ name }) => name),
        range.name,
        (name) => select({ meter, range: RANGES.find((each) => each.name === name) ?? range }),
      )}
    </div>
    ${view.hasFailed ? html`<p class="notice" role="status">The viewer does not answer for the history; trying again.</p>` : nothing}
    ${past ? figures(past, now) : html`<p class="quiet none">Loading…</p>`}
    <p class="quiet foot">${extent(view.history, now)} <a href=${exportLink(meter, range, now)} download>Download the last ${range.name} of ${meter} as CSV</a></p>`;
}

function figures({ charts, days, lifetime }: Past, now: number) {
  return html`<div class="charts">${charts.map((model) => chartPanel(model, now))}</div>
    <div class="columns">
      ${days.length > 0 ? energyPanel(days) : nothing}
      ${lifetime ? lifetimePanel(lifetime, now) : nothing}
    </div>`;
}

/** Radio buttons in a row: arrow keys choose. */
function choices(label: string, options: readonly string[], chosen: string, choose: (option: string) => void) {
  if (options.length < 2) return nothing;
  return html`<fieldset class="choices">
    <legend class="sr">${label}</legend>
    ${options.map((option) => html`<label><input type="radio" name=${label} value=${option} .checked=${option === chosen} @change=${() => choose(option)} /><span>${option}</span></label>`)}
  </fieldset>`;
}

function extent({ kind, since }: HistoryView, now: number): string {
  const from = since === undefined ? "" : ` since ${moment(since, now)}`;
  return kind === "memory" ? `History in memory${from}: it ends with the viewer.` : `History on disk${from}.`;
}

function exportLink(meter: string, { spanMs }: Range, now: number): string {
  // To the minute: a link that changed with every frame could not be clicked.
  const from = Math.floor((now - spanMs) / 60_000) * 60_000;
  return `export.csv?${new URLSearchParams({ meter, from: String(from) })}`;
}
