import { html, render } from "lit-html";
import type { HouseView } from "../model/views.ts";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import "./time-chart.ts";
import { card } from "./card.ts";
import { connectEvents } from "./events.ts";
import { judgeMeter } from "./freshness.ts";
import { healthSection } from "./health-section.ts";
import { applyEvent, timeOf } from "./house-state.ts";
import { newsClock } from "./news-clock.ts";
import { createPast } from "./past.ts";
import { pastSection } from "./past-section.ts";
import { type TopState, top } from "./top.ts";

/** The connection counts as lost after this silence: the viewer sends a `tick` every 2 s. */
const LOST_MS = 4500;
const REDRAW_MS = 500;

const root = (id: string) =>
  document.getElementById(id) ?? document.body.appendChild(document.createElement("section"));
const roots = { top: root("top"), now: root("now"), past: root("past"), health: root("health") };

const clock = newsClock({ wall: () => Date.now(), steady: () => performance.now() });
let house: HouseView | undefined;
let isRefused = false;
let isDrawing = false;

const events = connectEvents({
  receive(event) {
    clock.receive(timeOf(event));
    house = applyEvent(house, event);
    isRefused = false;
    requestDraw();
  },
  refused() {
    isRefused = true;
    requestDraw();
  },
});
const past = createPast(requestDraw);

function connection(): TopState["connection"] {
  if (isRefused) return "refused";
  if (!house) return "connecting";
  return clock.silence() > LOST_MS ? "lost" : "connected";
}

function draw() {
  isDrawing = false;
  const now = clock.now();
  const state = connection();
  document.documentElement.dataset.connection = state;
  const active = house?.alerts.filter(({ endedAt }) => endedAt === undefined).length ?? 0;
  document.title = `${active > 0 ? `(${active}) ` : ""}Batteries${state === "lost" ? ": connection lost" : ""}`;
  render(
    top({ now, silenceMs: clock.silence(), connection: state, feed: house?.feed, alerts: house?.alerts ?? [] }),
    roots.top,
  );
  if (!house) return;
  const meters = house.meters.map((meter) => judgeMeter(meter, now, state === "connected"));
  render(
    meters.length === 0
      ? html`<p class="panel quiet">No battery has been heard yet. The first reading appears here by itself.</p>`
      : html`<div class="cards">${meters.map((meter) => card(meter, now))}</div>`,
    roots.now,
  );
  render(healthSection(house.health, house.alerts, now), roots.health);
  const pastView = past.view(house, now);
  if (pastView) render(pastSection(pastView, past.select), roots.past);
}

/** Draws once per frame, however many events come. A hidden page has no frames and draws when it is looked at. */
function requestDraw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
}

/** Ages count, and silence is noticed, without any event. */
function look() {
  events.check(clock.silence());
  requestDraw();
}
setInterval(look, REDRAW_MS);
for (const name of ["visibilitychange", "online", "focus", "pageshow"]) addEventListener(name, look);
requestDraw();
