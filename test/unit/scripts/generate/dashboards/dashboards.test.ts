import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { QUANTITY_NAMES } from "../../../../../common/model/quantities.ts";
import { DASHBOARDS } from "../../../../../scripts/generate/dashboards/content/dashboards.ts";
import { withFurther } from "../../../../../scripts/generate/dashboards/content/further.ts";
import type { Dashboard, Panel } from "../../../../../scripts/generate/dashboards/description.ts";
import { FILES } from "../../../../../scripts/generate/dashboards/files.ts";
import { FAMILIES } from "../../../../../scripts/generate/dashboards/names.ts";
import { shownIn } from "../../../../../scripts/generate/dashboards/quantities-of.ts";
import { ALERT_RULES, NOT_IN_A_DATABASE } from "../../../../../scripts/generate/dashboards/rules.ts";
import { RULES } from "../../../../../viewer/alerts/rules/rules.ts";

const ROOT = join(import.meta.dirname, "../../../../../dashboards");

const panelsOf = ({ sections }: Dashboard): readonly Panel[] => sections.flatMap(({ panels }) => panels);
const queries = DASHBOARDS.flatMap(panelsOf).flatMap(({ lines }) => lines.map(({ query }) => query));

/** Parts of Grafana's model of a dashboard. */
interface GrafanaPanel {
  readonly panels?: readonly GrafanaPanel[];
  readonly targets?: readonly {
    readonly legendFormat?: string;
    readonly alias?: string;
    readonly expr?: string;
    readonly query?: string;
  }[];
}
interface GrafanaModel {
  readonly panels: readonly GrafanaPanel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly multi?: boolean; readonly includeAll?: boolean }[];
  };
}
const GRAFANA = [...FILES]
  .filter(([path]) => path.startsWith("grafana/") && path.endsWith(".json"))
  .map(([path, text]) => ({ path, ...(JSON.parse(text) as GrafanaModel) }));

describe("dashboards", () => {
  it("show every quantity of the vocabulary", () => {
    const text = [...FILES]
      .filter(([path]) => path.startsWith("grafana/promql/"))
      .map(([, json]) => json)
      .join();
    const numbered = Object.values(FAMILIES).flatMap(({ quantities, pattern }) =>
      text.includes(`battery_${pattern}`) ? quantities : [],
    );
    assert.deepEqual(
      QUANTITY_NAMES.filter((name) => !text.includes(`battery_${name}{`) && !numbered.includes(name)),
      [],
      "run npm run generate",
    );
  });

  it("show a new quantity where its device is shown, with no panel drawn for it", () => {
    const house: Dashboard = { name: "house", title: "House", about: "", from: "", sections: [] };
    const empty = ["house", "pack", "battery-monitor", "system"].map((name) => ({ ...house, name }));
    const [ofHouse, ofPack, ofMonitor, ofSystem] = withFurther(empty).map(({ sections }) => shownIn(sections));
    assert.equal(ofHouse?.size, 0);
    assert.ok(ofPack?.has("ovp") && ofPack.has("cell1") && !ofPack.has("backlog"));
    assert.ok(ofMonitor?.has("volts") && !ofMonitor.has("cell1"));
    assert.ok(ofSystem?.has("backlog") && !ofSystem.has("volts"));
    const all = withFurther(DASHBOARDS);
    assert.deepEqual(all, DASHBOARDS, "nothing is left to add");
  });

  it("contain no metric and no column that the vocabulary has not", () => {
    const ofTelegraf = queries.flatMap((query) => (query.kind === "telegraf" ? [query.figure[1]] : []));
    const names = new Set<string>([...QUANTITY_NAMES, ...ofTelegraf]);
    for (const [path, text] of FILES) {
      // The metrics of the viewer begin with bms_.
      for (const [, name = ""] of text.matchAll(/\bbattery_([a-z]+\d*)(?![a-z([*?\d])/g)) {
        assert.ok(names.has(name), `${path}: battery_${name}`);
      }
      const given = new Set([...text.matchAll(/ AS \\"([a-z]+)\\"/g)].map(([, name]) => name));
      for (const [, name = ""] of text.matchAll(/(?:mean|min|max|first|last|difference)\(\\"([a-z\d]+)\\"\)/g)) {
        assert.ok(names.has(name) || given.has(name), `${path}: ${name}`);
      }
    }
  });

  it("name metrics of the viewer that it has", () => {
    const own = readFileSync(join(ROOT, "../viewer/web/metrics.ts"), "utf8");
    for (const query of queries) {
      if (query.kind === "program") assert.ok(own.includes(`"${query.metric}"`), query.metric);
    }
  });

  it("let one battery of one site be chosen, or several of several sites", () => {
    for (const { path, templating } of GRAFANA) {
      const [site, meter] = ["site", "meter"].map((name) => templating.list.find((each) => each.name === name));
      assert.ok(site && meter, path);
      assert.equal(site.multi ?? false, meter.multi ?? false, path);
      assert.equal(site.includeAll ?? false, site.multi ?? false, path);
    }
  });

  it("label the lines of several sites by the site", () => {
    for (const { path, panels, templating } of GRAFANA) {
      if (!templating.list.some(({ name, multi }) => name === "site" && multi)) continue;
      const targets = panels.flatMap((panel) => panel.panels ?? [panel]).flatMap((panel) => panel.targets ?? []);
      for (const { legendFormat, alias, expr = "", query = "" } of targets) {
        if (!/\$meter|meter:regex/.test(expr + query)) continue;
        assert.match(legendFormat ?? alias ?? "", /\{\{site\}\}|\$tag_site/, `${path}: ${expr}${query}`);
      }
    }
  });

  it("have panels that do not overlap and fit the grid", () => {
    for (const [path, text] of FILES) {
      if (!path.startsWith("grafana/") || !path.endsWith(".json")) continue;
      const taken = new Set<string>();
      for (const { title, gridPos } of JSON.parse(text).panels) {
        assert.ok(gridPos.x + gridPos.w <= 24, `${path}: ${title}`);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            assert.ok(!taken.has(`${x} ${y}`), `${path}: ${title} lies on another panel`);
            taken.add(`${x} ${y}`);
          }
        }
      }
    }
  });

  it("describe each panel in a sentence", () => {
    for (const panel of DASHBOARDS.flatMap(panelsOf)) {
      assert.match(panel.about, /^[A-Z].*\.$/s, panel.title);
    }
  });
});

describe("alert rules", () => {
  it("name the site of a meter, where it has one", () => {
    for (const { text } of ALERT_RULES) {
      if (text.includes("$labels.meter")) {
        assert.match(text, /^\{\{ with \$labels\.site \}\}\{\{ \. \}\}\/\{\{ end \}\}\{\{ \$labels\.meter \}\}: /);
      }
    }
  });

  it("are those of the viewer, but for the ones that a database cannot evaluate, and one about the spool", () => {
    const viewers = RULES.map(({ name }) => name).filter((name) => !(name in NOT_IN_A_DATABASE));
    assert.deepEqual(
      ALERT_RULES.map(({ name }) => name),
      [...viewers, "spool"],
    );
  });
});

describe("dashboards/", () => {
  it("holds exactly the generated files", () => {
    const present = readdirSync(ROOT, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
      .sort();
    assert.deepEqual(present, [...FILES.keys()].sort());
  });

  for (const [path, text] of FILES) {
    it(`${path} is what npm run generate writes`, () => {
      const file = join(ROOT, path);
      assert.ok(existsSync(file), "run npm run generate");
      assert.equal(readFileSync(file, "utf8"), text, "run npm run generate");
    });
  }
});
