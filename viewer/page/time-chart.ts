import uPlot from "uplot";
import type { ChartModel } from "./chart-model.ts";
import { axisEnds, type Lines, lonePoints } from "./charts.ts";
import { moment, plain } from "./words.ts";

const HEIGHT = 168;
const DAY_S = 86_400;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Draws lines over time with uPlot. Sends `point` with the index under the pointer, or null. */
class TimeChart extends HTMLElement {
  #model: ChartModel | undefined;
  #plot: uPlot | undefined;
  readonly #resized = new ResizeObserver(() => this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT }));
  readonly #recoloured = () => this.#make();

  set model(model: ChartModel) {
    const before = this.#model;
    if (before === model) return;
    this.#model = model;
    const isSame = before?.spec.title === model.spec.title && before.lines.length === model.lines.length;
    if (this.#plot && isSame && hasBand(before) === hasBand(model)) this.#plot.setData(dataOf(model));
    else this.#make();
  }

  connectedCallback() {
    this.#resized.observe(this);
    dark.addEventListener("change", this.#recoloured);
    this.#make();
  }

  disconnectedCallback() {
    this.#resized.disconnect();
    dark.removeEventListener("change", this.#recoloured);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #make() {
    if (!this.#model || !this.isConnected) return;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(this.#model), dataOf(this.#model), this);
  }

  #options(model: ChartModel): uPlot.Options {
    const { spec, lines } = model;
    const colours = getComputedStyle(this);
    const colour = (name: string) => colours.getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour("quiet"),
      font: `11px ${colours.fontFamily}`,
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
    };
    const stroke = (index: number) =>
      lines.length === 1
        ? colour("level")
        : `hsl(${(160 + (index * 300) / lines.length) % 360} 45% ${dark.matches ? 62 : 42}%)`;
    const edge = { stroke: "transparent", points: { show: false } };
    const line = (index: number) => ({
      stroke: stroke(index),
      width: 1.5,
      spanGaps: false,
      points: { show: true, size: 3, filter: () => lonePoints(this.#model?.lines[index]?.mean ?? []) },
    });
    return {
      width: this.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { sync: { key: "past" }, y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { time: true, range: () => [(this.#model?.from ?? 0) / 1000, (this.#model?.to ?? 0) / 1000] },
        y: { range: (_, low, high) => axisEnds(spec, low ?? 0, high ?? 0) },
      },
      axes: [
        {
          ...axis,
          values: (_, splits, _axis, _space, step) => splits.map((at) => timeLabel(at, step)),
          space: 64,
          size: 30,
        },
        { ...axis, values: (_, splits, _axis, _space, step) => splits.map((at) => numberLabel(at, step)), size: 50 },
      ],
      series: [{}, ...lines.map((_, index) => line(index)), ...(hasBand(model) ? [edge, edge] : [])],
      ...(hasBand(model) && { bands: [{ series: [3, 2], fill: colour("band") }] }),
      hooks: {
        setCursor: [({ cursor: { idx } }) => this.dispatchEvent(new CustomEvent("point", { detail: idx ?? null }))],
      },
    };
  }
}

/** The lowest and highest of averaged points are drawn for a single line only: the bands of several hide each other. */
function hasBand({ lines }: Lines): boolean {
  return lines.length === 1 && lines[0]?.low !== undefined;
}

function dataOf(model: ChartModel): uPlot.AlignedData {
  const { times, lines } = model;
  const edges = hasBand(model) ? lines.flatMap(({ low, high }) => [low ?? [], high ?? []]) : [];
  const columns = [...lines.map(({ mean }) => mean), ...edges];
  return [times.map((time) => time / 1000), ...columns.map((column) => [...column])];
}

function timeLabel(at: number, step: number): string {
  const date = new Date(at * 1000);
  if (step >= 28 * DAY_S) return date.toLocaleDateString([], { month: "short" });
  if (step >= DAY_S || (date.getHours() === 0 && date.getMinutes() === 0)) {
    return date.toLocaleDateString([], { day: "numeric", month: "short" });
  }
  return moment(at * 1000, at * 1000);
}

/** With the digits that the step between two labels needs: 2.5 has one. */
function numberLabel(value: number, step: number): string {
  const decimals = [0, 1, 2, 3].find(
    (digits) => Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6,
  );
  return plain(value, decimals ?? 4).replace("-", "\u2212");
}

customElements.define("time-chart", TimeChart);
