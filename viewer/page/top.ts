import { html, nothing, type TemplateResult } from "lit-html";
import type { AlertView, FeedView } from "../model/views.ts";
import { duration, moment } from "./words.ts";

/** The state of the page's sources, and what it shows on top of everything. */
export interface TopState {
  /** The viewer's time. */
  readonly now: number;
  /** Time since the last news of the viewer, ms. */
  readonly silenceMs: number;
  /** `connecting`: nothing has come yet. `refused`: the viewer demands a token. */
  readonly connection: "connecting" | "connected" | "lost" | "refused";
  readonly feed: FeedView | undefined;
  readonly alerts: readonly AlertView[];
}

/** Title, state of the connection, and the alerts that go on. */
export function top(state: TopState): TemplateResult {
  const { headline, detail, mood } = summary(state);
  return html`<div class="title">
      <h1>Batteries</h1>
      <div class="connection" data-mood=${mood}>
        <p role="status">${headline}</p>
        ${detail === "" ? nothing : html`<p class="quiet">${detail}</p>`}
      </div>
    </div>
    ${state.connection === "refused" ? wayIn() : nothing}
    <div aria-live="polite">${alertBanner(state)}</div>`;
}

interface Summary {
  /** Announced by screen readers, so it does not count seconds. */
  readonly headline: string;
  readonly detail: string;
  readonly mood: "good" | "bad" | "waiting";
}

function summary({ connection, silenceMs, feed, now }: TopState): Summary {
  switch (connection) {
    case "connecting":
      return { headline: "Connecting", detail: silenceMs < 3000 ? "" : `for ${duration(silenceMs)}`, mood: "waiting" };
    case "refused":
      return { headline: "No access", detail: "", mood: "bad" };
    case "lost":
      return {
        headline: "Connection lost",
        detail: `no news for ${duration(silenceMs)}; trying again`,
        mood: "bad",
      };
    case "connected":
      return feed ? feedSummary(feed, now) : { headline: "Connected", detail: "", mood: "good" };
  }
}

function feedSummary({ state, since }: FeedView, now: number): Summary {
  const age = `since ${moment(since, now)}, ${duration(now - since)}`;
  if (state === "away") return { headline: "Aggregator away", detail: `no readings ${age}`, mood: "bad" };
  if (state === "silent") return { headline: "No readings", detail: `from any battery ${age}`, mood: "bad" };
  return { headline: "Live", detail: "", mood: "good" };
}

function wayIn() {
  return html`<div class="panel way-in">
    <h2>This page needs a token</h2>
    <p>On the computer that reads the batteries, run:</p>
    <pre><code>bmsctl page</code></pre>
    <p>It prints an address and a QR code. Open the address once with this browser, or point the phone's camera at the code.</p>
  </div>`;
}

function alertBanner({ alerts, now }: TopState) {
  const active = alerts.filter(({ endedAt }) => endedAt === undefined);
  if (active.length === 0) return nothing;
  return html`<section class="alerts" aria-label="Alerts">
    <ul>${active.map(
      (alert) => html`<li data-severity=${alert.severity} data-rule=${alert.rule}>
      <b>${alert.severity === "alarm" ? "Alarm" : "Warning"}</b>
      <span class="text">${alert.text}</span>
      <span class="age">since ${moment(alert.since, now)}</span>
    </li>`,
    )}</ul>
  </section>`;
}
