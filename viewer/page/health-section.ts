import { html, nothing, type TemplateResult } from "lit-html";
import type { AgentHealth, AggregatorHealth, AlertView, HealthView } from "../model/views.ts";
import { duration, exact, moment, sentence, unitOf } from "./words.ts";

/** Agents, aggregator with its outputs, and the alerts that have ended. */
export function healthSection(
  { agents, aggregator }: HealthView,
  alerts: readonly AlertView[],
  now: number,
): TemplateResult {
  return html`<h2>Health</h2>
    <div class="columns uneven">
      <div class="panel">
        <h3>Agents</h3>
        ${agents.length === 0 ? html`<p class="quiet">The status of no agent can be read.</p>` : agentTable(agents, now)}
      </div>
      <div class="panel">
        <h3>Aggregator</h3>
        ${aggregator ? aggregatorTable(aggregator, now) : html`<p class="quiet">Its status cannot be read.</p>`}
      </div>
      ${endedAlerts(alerts, now)}
    </div>`;
}

function agentTable(agents: readonly AgentHealth[], now: number) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Agents">
    <table class="health">
      <thead><tr><th scope="col">Meter</th><th scope="col">State</th><th scope="col" class="number">Signal</th><th scope="col" class="number">Readings</th><th scope="col" class="number">Failures</th><th scope="col" class="number">Reconnects</th><th scope="col" class="number">Backlog</th><th scope="col" class="number">Dropped</th></tr></thead>
      <tbody>${agents.map(
        (agent) => html`<tr data-agent=${agent.meter}>
        <th scope="row">${agent.meter}</th>
        <td class="wide"><span class="state" data-good=${agent.state === "connected" ? "yes" : "no"}>${sentence(agent.state)}</span> <span class="quiet">${duration(now - agent.since)}</span>${agent.fault ? html`<br /><span class="quiet">${agent.fault}</span>` : nothing}</td>
        <td class="number">${agent.rssi === undefined ? "–" : `${exact("rssi", agent.rssi)}${unitOf("rssi")}`}</td>
        ${[agent.readings, agent.failures, agent.reconnects, agent.backlog, agent.dropped].map(count)}
      </tr>`,
      )}</tbody>
    </table>
  </div>`;
}

function aggregatorTable({ state, at, readings, outputs, rejected }: AggregatorHealth, now: number) {
  return html`<p><span class="state" data-good=${state === "running" ? "yes" : "no"}>${sentence(state)}</span> <span class="quiet">${state === "running" ? nothing : `since ${moment(at, now)}, `}${readings.toLocaleString()} readings, ${rejected.toLocaleString()} rejected</span></p>
    <div class="scroll" tabindex="0" role="region" aria-label="Outputs">
      <table class="health">
        <thead><tr><th scope="col">Output</th><th scope="col">State</th><th scope="col" class="number">Waiting</th></tr></thead>
        <tbody>${outputs.map((output) => html`<tr data-output=${output.name}><th scope="row">${outputName(output.name)}</th><td><span class="state" data-good=${output.state === "open" ? "yes" : "no"}>${sentence(output.state)}</span></td>${count(output.waiting)}</tr>`)}</tbody>
      </table>
    </div>`;
}

function outputName(name: string): string {
  return name === "-" ? "stdout" : name.replace(/^unix:\/\//, "");
}

function count(value: number) {
  return html`<td class="number">${value.toLocaleString()}</td>`;
}

function endedAlerts(alerts: readonly AlertView[], now: number) {
  const ended = alerts.filter(({ endedAt }) => endedAt !== undefined);
  if (ended.length === 0) return nothing;
  return html`<div class="panel">
    <h3>Alerts that have ended</h3>
    <ul class="ended">${ended.map(({ text, since, endedAt = now }) => html`<li><span>${text}</span> <span class="quiet">${moment(since, now)}, for ${duration(endedAt - since)}</span></li>`)}</ul>
  </div>`;
}
