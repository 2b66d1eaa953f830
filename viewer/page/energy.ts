import { html, nothing, type TemplateResult } from "lit-html";
import type { DayView, LifetimeView } from "../model/views.ts";
import { dayName, duration, moment, plain } from "./words.ts";

/** A day that was observed for less than this part says so. */
const COMPLETE = 0.98;
/** A few watt-hours must not look like a day's harvest. */
const SHORTEST_AXIS_KWH = 0.1;

/** Energy in and out per day, newest first, with the part of the day that was observed. */
export function energyPanel(days: readonly DayView[]): TemplateResult {
  const most = Math.max(
    SHORTEST_AXIS_KWH,
    ...days.flatMap(({ chargedKwh, dischargedKwh }) => [chargedKwh, dischargedKwh]),
  );
  const rows = days.toReversed();
  const isPartial = days.some(({ observed }) => observed < COMPLETE);
  return html`<div class="panel">
    <h3>Energy per day <span class="unit">kWh</span></h3>
    <table class="energy">
      <thead><tr><th scope="col">Day</th><th scope="col">In</th><th scope="col">Out</th></tr></thead>
      <tbody>${rows.map((day) => energyRow(day, most))}</tbody>
    </table>
    ${isPartial ? html`<p class="quiet">Counted while watts were observed. A day that was not observed in full had more.</p>` : nothing}
  </div>`;
}

function energyRow({ day, chargedKwh, dischargedKwh, observed }: DayView, most: number) {
  const note = observed === 0 ? "not observed" : observed < COMPLETE ? percentObserved(observed) : undefined;
  return html`<tr data-day=${day}>
    <th scope="row">${dayName(day)}${note ? html`<span class="quiet">${note}</span>` : nothing}</th>
    ${observed === 0 ? html`<td>–</td><td>–</td>` : html`${energyCell("in", chargedKwh, most)}${energyCell("out", dischargedKwh, most)}`}
  </tr>`;
}

function percentObserved(part: number): string {
  return part < 0.01 ? "less than 1 % observed" : `${Math.floor(part * 100)} % observed`;
}

function energyCell(direction: "in" | "out", kwh: number, most: number) {
  return html`<td><svg class="energy-bar" aria-hidden="true"><rect data-direction=${direction} width=${`${(100 * kwh) / most}%`} height="100%" rx="3"/></svg><span>${plain(kwh, 2)}</span></td>`;
}

/** Figures of the battery's life in the manner of a battery monitor, and since when they count. */
export function lifetimePanel(life: LifetimeView, now: number): TemplateResult {
  const { lastFullAt, lowestCell, highestCell, deepestDischargeAh, averageDischargeAh, lowestVolts, highestVolts } =
    life;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Energy in", kwh(life.chargedKwh)],
    ["Energy out", kwh(life.dischargedKwh)],
    ["Charge out", `${plain(life.dischargedAh, 1)} Ah`],
    ["Deepest discharge", ah(deepestDischargeAh)],
    ["Average discharge", ah(averageDischargeAh)],
    ["Full cycles", String(life.fullCycles)],
    ["Last full", lastFullAt === undefined ? undefined : `${duration(now - lastFullAt)} ago`],
    ["Lowest voltage", volts(lowestVolts)],
    ["Highest voltage", volts(highestVolts)],
    [
      "Lowest cell",
      lowestCell && `cell ${lowestCell.number}, ${volts(lowestCell.millivolts / 1000)}, ${moment(lowestCell.at, now)}`,
    ],
    [
      "Highest cell",
      highestCell &&
        `cell ${highestCell.number}, ${volts(highestCell.millivolts / 1000)}, ${moment(highestCell.at, now)}`,
    ],
  ];
  return html`<div class="panel">
    <h3>Lifetime</h3>
    <p class="quiet">Counted since ${moment(life.since, now)}.</p>
    <dl class="all">${rows.map(([name, text]) => (text === undefined ? nothing : html`<div><dt>${name}</dt><dd>${text}</dd></div>`))}</dl>
  </div>`;
}

function kwh(value: number): string {
  return `${plain(value, value < 100 ? 2 : 0)} kWh`;
}

function ah(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${plain(value, 1)} Ah`;
}

function volts(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${plain(value, 3)} V`;
}
