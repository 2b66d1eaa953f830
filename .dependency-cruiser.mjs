// Import directions, checked by `npm run check`; docs/architecture.md gives the reasons.

/** The interfaces of the radio above and below, and the small files that its folders share. */
const RADIO = ["radio", "central", "async-queue", "notification-queue", "link-loss", "kernel"].map(
  (name) => `agent/radio/${name}.ts`,
);

/** Folder or file → what it may import besides itself, Node's modules and npm packages. A folder includes everything below it. */
const MAY_IMPORT = {
  "common/model": [],
  "common/runtime": ["common/model"],
  "common/systemd": ["common/model", "common/runtime"],
  "common/hosts": ["common/model", "common/runtime"],
  "common/wire": ["common/hosts", "common/model", "common/runtime"],
  "common/cli": ["common/hosts", "common/model", "common/runtime", "common/wire"],

  "agent/radio/radio.ts": ["common/model"],
  "agent/radio/dbus": [],
  "agent/radio/sharing": ["agent/radio/radio.ts", "common/runtime"],
  "agent/radio/bluez": [...RADIO, "agent/radio/dbus", "agent/radio/sharing", "common/model", "common/runtime"],
  "agent/radio/simulated": [...RADIO, "common/model", "common/runtime"],
  "agent/radio/noble": [...RADIO, "common/model", "common/runtime"],
  "agent/radio/hci": [...RADIO, "agent/radio/noble", "agent/radio/sharing", "common/runtime"],
  "agent/radio": ["common/model", "common/runtime"],
  "agent/codec": ["common/model"],
  "agent/drivers": ["agent/codec", "agent/radio/radio.ts", "common/model", "common/runtime"],
  "agent/clock": ["agent/radio/dbus", "common/model", "common/runtime"],
  "agent/polling": [
    "agent/clock",
    "agent/drivers",
    "agent/codec",
    "agent/radio/radio.ts",
    "common/model",
    "common/runtime",
  ],
  "agent/capture": [
    "agent/polling",
    "agent/drivers",
    "agent/radio/radio.ts",
    "agent/radio/notification-queue.ts",
    "common/model",
    "common/runtime",
  ],
  "agent/outbox": ["common/hosts", "common/model", "common/runtime", "common/wire"],
  "agent/status": ["agent/polling", "agent/outbox", "common"],
  "agent/cli": ["agent", "common"],
  "agent/main.ts": ["agent", "common", "package.json"],

  "aggregator/check": ["aggregator/outputs", "common"],
  "aggregator/endpoint": ["common/hosts", "common/runtime", "common/wire"],
  "aggregator/intake": ["aggregator/endpoint", "common/hosts", "common/model", "common/runtime", "common/wire"],
  "aggregator/outputs": ["aggregator/run-tracker.ts", "common/model", "common/runtime", "common/wire"],
  "aggregator/run-tracker.ts": ["aggregator/bounded-runs.ts", "common/model", "common/wire"],
  "aggregator/cli": ["aggregator", "common"],
  "aggregator/main.ts": ["aggregator", "common", "package.json"],
  aggregator: ["common"],

  "viewer/model": ["common/model"],
  "viewer/house": ["viewer/model", "common/model", "common/runtime"],
  "viewer/history": ["viewer/model", "common/model", "common/runtime"],
  "viewer/health": ["viewer/model", "common/model", "common/runtime"],
  "viewer/alerts": ["viewer/model", "common/model", "common/runtime"],
  "viewer/web": ["viewer/model", "common/model", "common/runtime"],
  // Runs in the browser.
  "viewer/page": ["viewer/model", "common/model"],
  "viewer/cli": ["viewer", "common"],
  "viewer/main.ts": ["viewer", "common", "package.json"],
  viewer: ["common"],

  "control/setup": ["agent", "aggregator", "viewer", "common"],
  "control/pairing": ["control/setup", "common"],
  "control/settings": ["control/setup", "agent", "common"],
  "control/doctor": ["control/pairing", "control/settings", "control/setup", "agent", "aggregator", "viewer", "common"],
  control: ["agent", "aggregator", "viewer", "common", "package.json"],

  simulator: ["agent", "common"],
  scripts: ["agent", "aggregator", "common", "control", "simulator", "viewer", "package.json"],
};

/** npm package → the folders that may import it. Replacing a package means replacing these. */
const LIBRARIES = {
  "@abandonware/noble": ["agent/radio/noble", "agent/radio/hci"],
  koffi: ["common/runtime"],
  msgpackr: ["common/wire"],
  zeromq: ["common/wire"],
  "smol-toml": ["aggregator/check", "viewer/alerts", "control/settings"],
  commander: ["common/cli", "agent/cli", "aggregator/cli", "viewer/cli", "control", "simulator"],
  uqr: ["control/setup"],
  "lit-html": ["viewer/page"],
  uplot: ["viewer/page"],
};

const PROGRAMS = ["agent", "aggregator", "viewer", "control"];

const SETTINGS = "^agent/drivers/jbd/settings/";

const pattern = (path) => (/\.\w+$/.test(path) ? `^${path.replaceAll(".", "\\.")}$` : `^${path}/`);

const directions = Object.entries(MAY_IMPORT).map(([from, to]) => ({
  name: `${from}: imports only ${to.join(", ") || "itself"}`,
  severity: "error",
  // A row for a folder inside this one stands for itself.
  from: {
    path: pattern(from),
    pathNot: Object.keys(MAY_IMPORT)
      .filter((other) => other.startsWith(`${from}/`))
      .map(pattern),
  },
  to: { pathNot: [from, ...to].map(pattern).concat("^node_modules/"), dependencyTypesNot: ["core"] },
}));

const libraries = Object.entries(LIBRARIES).map(([library, folders]) => ({
  name: `${library}: imported only by ${folders.join(", ")}`,
  severity: "error",
  from: { path: [...PROGRAMS, "common", "simulator"].map(pattern), pathNot: folders.map(pattern) },
  to: { path: `^node_modules/${library}/` },
}));

const commandLines = PROGRAMS.map((program) => ({
  name: `the command line of ${program} is imported by nobody else`,
  severity: "error",
  // bmsctl takes the same options as the services that it sets up and checks.
  from: { pathNot: [`^${program}/(main\\.ts$|cli/)`, "^(control|scripts|test)/"] },
  to: { path: `^${program}/(main\\.ts$|cli/)` },
}));

export default {
  forbidden: [
    { name: "no import cycle, types included", severity: "error", from: {}, to: { circular: true } },
    { name: "every import resolves", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "every folder of the programs has a row in MAY_IMPORT",
      severity: "error",
      from: { path: PROGRAMS.concat("common").map(pattern), pathNot: Object.keys(MAY_IMPORT).map(pattern) },
      to: {},
    },
    {
      name: "settings of packs: imported by bmsctl, the simulator and scripts only, so that agents stay small",
      severity: "error",
      from: { path: "^(agent|aggregator|viewer)/", pathNot: SETTINGS },
      to: { path: SETTINGS },
    },
    ...directions,
    ...libraries,
    ...commandLines,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Its packages are installed by its suite.
    exclude: { path: "^test/system/dashboards/pictures/grafana" },
    parser: "swc",
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
