import { html, nothing, type TemplateResult } from "lit-html";
import {
  formatQuantity,
  QUANTITIES,
  QUANTITY_NAMES,
  type Quantity,
  TEMPERATURE_NAMES,
} from "../../common/model/quantities.ts";
import type { ConditionView, MeterView } from "../model/views.ts";
import { cellBars } from "./cells.ts";
import type { ShownMeter } from "./freshness.ts";
import { duration, exact, glance, moment, sentence, unitOf } from "./words.ts";

/** The present of one meter. `now` is in the viewer's time. */
export function card(shown: ShownMeter, now: number): TemplateResult {
  const { view, state } = shown;
  const hasCells = view.cells !== undefined && view.cells.length > 0;
  const title = `meter-${view.meter}`;
  return html`<article
    class="card"
    data-meter=${view.meter}
    data-state=${state}
    data-at=${view.measuredAt ?? nothing}
    ?data-old=${state !== "live"}
    ?data-cells=${hasCells}
    aria-labelledby=${title}
  >
    <header>
      <h2 id=${title}>${view.meter}</h2>
      ${stateChip(shown, now)}
    </header>
    <div class="figures">
      ${view.frozenSince === undefined ? nothing : frozenNotice(view.frozenSince, now)}
      ${view.otherDevices === undefined ? nothing : sharedNameNotice(view)}
      ${
        view.measuredAt === undefined
          ? html`<p class="quiet">No measurement has come yet.</p>`
          : measurement(shown, now)
      }
    </div>
    ${view.conditions.length > 0 ? conditions(view.conditions) : nothing}
    ${hasCells ? cellBars(view.cells ?? [], view) : nothing}
    ${view.measuredAt === undefined ? nothing : allValues(view)}
  </article>`;
}

function frozenNotice(since: number, now: number) {
  return html`<p class="notice">
    Not one value has changed for ${duration(now - since)}, although current flows. The battery may have stopped
    measuring.
  </p>`;
}

function sharedNameNotice({ device, otherDevices = [] }: MeterView) {
  return html`<p class="notice">
    This card shows ${device}. ${otherDevices.join(" and ")} ${otherDevices.length === 1 ? "reports" : "report"} under the
    same name: rename one of them.
  </p>`;
}

const STATE_WORDS = { live: "Live", stale: "Stale", offline: "Offline", frozen: "Frozen" } as const;

function stateChip({ state, since }: ShownMeter, now: number) {
  const words = STATE_WORDS[state];
  if (state === "live") return html`<p class="chip" data-state=${state}>${words}</p>`;
  return html`<p class="chip" data-state=${state}>
    ${words} since ${moment(since, now)}<span class="age">${duration(now - since)}</span>
  </p>`;
}

function measurement(shown: ShownMeter, now: number) {
  const { view, state } = shown;
  const { sample, measuredAt = now } = view;
  const isOld = state === "stale" || state === "offline";
  return html`${!isOld ? nothing : html`<p class="quiet">Last values, of ${moment(measuredAt, now)}:</p>`}
    <div class="charge">
      ${sample.percent === undefined ? nothing : html`<p class="percent"><span class="sr">Charge </span>${data("percent", sample.percent, glance)}<span class="unit">%</span></p>`}
      <div>${direction(view)} ${timeLeft(view, state === "live")}</div>
    </div>
    ${sample.percent === undefined ? nothing : chargeBar(sample.percent)}
    <dl class="facts">
      ${fact("Voltage", "volts", view)} ${fact("Current", "amps", view)} ${fact("Power", "watts", view)} ${temperatures(view)}
    </dl>`;
}

/** A value as text, with every digit of the CSV in its `value` attribute. */
function data(quantity: Quantity, number: number, format: typeof glance) {
  const digits = formatQuantity(quantity, number);
  return html`<data data-quantity=${quantity} value=${digits}>${format(quantity, number)}</data>`;
}

function fact(label: string, quantity: Quantity, { sample }: MeterView) {
  const number = sample[quantity];
  return number === undefined
    ? nothing
    : html`<div><dt>${label}</dt><dd>${data(quantity, number, glance)}<span class="unit">${unitOf(quantity)}</span></dd></div>`;
}

function temperatures({ sample }: MeterView) {
  const present = (["temp", ...TEMPERATURE_NAMES] as const).filter((name) => sample[name] !== undefined);
  if (present.length === 0) return nothing;
  return html`<div class="wide"><dt>${present.length === 1 ? "Temperature" : "Temperatures"}</dt>
    <dd>${present.map((name, index) => html`${index > 0 ? html`<span class="apart"> · </span>` : nothing}${data(name, sample[name] ?? 0, glance)}`)}<span class="unit">${unitOf("temp")}</span></dd></div>`;
}

const DIRECTIONS = {
  charging: { arrow: "↑", words: "Charging" },
  discharging: { arrow: "↓", words: "Discharging" },
  idle: { arrow: "–", words: "Idle" },
} as const;

function direction({ direction: flow }: MeterView) {
  if (!flow) return nothing;
  const { arrow, words } = DIRECTIONS[flow];
  return html`<p class="direction" data-direction=${flow}><span class="arrow" aria-hidden="true">${arrow}</span> ${words}</p>`;
}

function timeLeft({ timeLeft: left, sample }: MeterView, isLive: boolean) {
  const ah =
    sample.remain === undefined
      ? undefined
      : html`${glance("remain", sample.remain)}${sample.full === undefined ? nothing : html` of ${glance("full", sample.full)}`}${unitOf("remain")} left`;
  // A time left that was computed from old values counts from a moment that has passed.
  const time =
    left && isLive
      ? html`${left.source === "estimate" ? "about " : nothing}<b>${duration(left.minutes * 60_000)}</b> to ${left.until}`
      : undefined;
  return html`${time ? html`<p class="left">${time}</p>` : nothing}${ah ? html`<p class="quiet">${ah}</p>` : nothing}`;
}

function chargeBar(percent: number) {
  const width = `${Math.min(100, Math.max(0, percent))}%`;
  return html`<svg class="bar" aria-hidden="true"><rect class="track" width="100%" height="100%" rx="5"/><rect class="level" data-low=${percent <= 20 ? "yes" : "no"} width=${width} height="100%" rx="5"/></svg>`;
}

const CONDITION_SIGNS = { protection: "Protection", fault: "Fault", alarm: "Alarm", switch: "Note" } as const;

function conditions(list: readonly ConditionView[]) {
  return html`<ul class="conditions">${list.map(({ kind, text, quantity }) => html`<li data-kind=${kind} data-quantity=${quantity}><b>${CONDITION_SIGNS[kind]}</b> ${sentence(text)}</li>`)}</ul>`;
}

/** Quantities that the card or the health table shows in a better way. */
const SHOWN_ELSEWHERE = /^(cell\d+|c\d\d)$/;

function allValues({ meter, sample, device, driver }: MeterView) {
  const names = QUANTITY_NAMES.filter(
    (name) => sample[name] !== undefined && !SHOWN_ELSEWHERE.test(name) && QUANTITIES[name].group !== "agent",
  );
  return html`<details>
    <summary>All values<span class="sr"> of ${meter}</span></summary>
    <dl class="all">
      <div><dt>device</dt><dd>${device}, ${driver}</dd></div>
      ${names.map((name) => html`<div><dt>${sentence(QUANTITIES[name].about)}</dt><dd>${data(name, sample[name] ?? 0, exact)}${unitOf(name)}</dd></div>`)}
    </dl>
  </details>`;
}
