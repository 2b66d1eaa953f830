import {
  createTheme,
  type DataTransformerInfo,
  standardTransformers,
  standardTransformersRegistry,
  type TransformerRegistryItem,
} from "@grafana/data";
import { GlobalStyles, PanelChrome, PortalContainer, ThemeContext } from "@grafana/ui";
import { createRoot } from "react-dom/client";
import type { Held, Times } from "../question.ts";
import { type Drawn, draw, type PanelModel, prepared } from "./panel.tsx";
import { type Ask, framesOf, rangeOf } from "./query.ts";

/** Draws a dashboard from its generated file and the answers of a database. */

const COLUMN = 53;
const ROW = 38;
const GAP = 8;

const theme = createTheme({ colors: { mode: "dark" } });

standardTransformersRegistry.setInit(() =>
  // Two names of one transformer are among them.
  [...new Map(Object.values(standardTransformers).map((each) => [each.id, each])).values()].map(
    (transformer): TransformerRegistryItem => ({
      id: transformer.id,
      name: transformer.name,
      transformation: async () => transformer as DataTransformerInfo,
      editor: () => null,
      imageDark: "",
      imageLight: "",
    }),
  ),
);

async function panelOf(panel: PanelModel, times: Times, ask: Ask): Promise<Drawn> {
  if (panel.type === "row") return { panel, range: rangeOf(undefined, times), frames: [] };
  const range = rangeOf(panel.timeFrom, times);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the dashboard
  const interval = (panel.interval ?? "").replace("${reading}", String(times.readingS));
  const answers = await Promise.all(
    (panel.targets ?? []).map((target) => framesOf(target, { range, width: panel.gridPos.w * COLUMN, interval }, ask)),
  );
  return { panel, range, frames: await prepared(panel, answers.flat(), theme) };
}

const area = ({ x, y, w, h }: PanelModel["gridPos"]) => ({
  position: "absolute" as const,
  left: GAP + x * COLUMN,
  top: GAP + y * ROW,
  width: w * COLUMN - GAP,
  height: h * ROW - GAP,
});

/** The panels of folded rows below their row, and what follows further down. */
function unfolded(panels: readonly PanelModel[]): PanelModel[] {
  let further = 0;
  return panels.flatMap((panel) => {
    const moved = [panel, ...(panel.panels ?? [])].map((each) => ({
      ...each,
      gridPos: { ...each.gridPos, y: each.gridPos.y + further },
    }));
    const bottom = Math.max(...(panel.panels ?? []).map(({ gridPos }) => gridPos.y + gridPos.h), panel.gridPos.y + 1);
    if (panel.type === "row") further += bottom - panel.gridPos.y - 1;
    return moved;
  });
}

/** Draws every panel, and resolves to what each one holds. */
async function drawDashboard(
  dashboard: { readonly panels: readonly PanelModel[] },
  times: Times,
): Promise<readonly Held[]> {
  const { ask } = globalThis as unknown as { readonly ask: Ask };
  const panels = unfolded(dashboard.panels);
  const drawn = await Promise.all(panels.map((panel) => panelOf(panel, times, ask)));
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const container = document.createElement("div");
  document.body.replaceChildren(container);
  createRoot(container).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <PortalContainer />
      <div id="dashboard" style={{ position: "relative", width: 24 * COLUMN + GAP, height: bottom * ROW + GAP }}>
        {drawn.map((each) => {
          const { panel } = each;
          const place = area(panel.gridPos);
          return (
            <div key={`${panel.gridPos.x} ${panel.gridPos.y}`} style={place} data-title={panel.title}>
              {panel.type === "row" ? (
                <div className="row">{panel.title}</div>
              ) : (
                <PanelChrome title={panel.title} width={place.width} height={place.height}>
                  {(width, height) => draw(each, { width, height }, theme)}
                </PanelChrome>
              )}
            </div>
          );
        })}
      </div>
    </ThemeContext.Provider>,
  );
  return drawn.map(({ panel, frames }) => ({
    title: panel.title,
    type: panel.type,
    fields: frames.flatMap(({ fields }) => fields.map(({ name, values }) => ({ name, values: [...values] }))),
  }));
}

Object.assign(globalThis, { drawDashboard });
