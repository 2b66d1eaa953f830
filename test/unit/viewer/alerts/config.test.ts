// cspell:ignore chemsitry hihg severety
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { UsageError } from "../../../../common/runtime/usage-error.ts";
import { cellLimits } from "../../../../viewer/alerts/cell-limits.ts";
import { DEFAULT_CONFIG, parseConfig } from "../../../../viewer/alerts/config.ts";
import { formatDuration, parseDuration } from "../../../../viewer/alerts/duration.ts";
import { RULES } from "../../../../viewer/alerts/rules/rules.ts";
import type { CellLimits } from "../../../../viewer/model/views.ts";

const read = (text: string) =>
  parseConfig("alerts.toml", text, (path) => {
    if (path === "/token") return "tk_of_file\n";
    throw Object.assign(new Error("no"), { code: path === "/closed" ? "EACCES" : "ENOENT" });
  });

const ruleOf = (name: string) => {
  const rule = RULES.find((each) => each.name === name);
  assert.ok(rule);
  return rule;
};

/** alerts.toml, and the limits of the cells of the meters `house` and `van`. */
const CELL_LIMITS: readonly (readonly [text: string, house: CellLimits | undefined, van: CellLimits | undefined])[] = [
  ["", undefined, undefined],
  ['chemistry = "lfp"', { lowMillivolts: 2800, highMillivolts: 3650 }, { lowMillivolts: 2800, highMillivolts: 3650 }],
  ['[meters."shed/van"]\nchemistry = "nmc"', undefined, undefined],
  ['[meters.van]\nchemistry = "nmc"', undefined, { lowMillivolts: 3000, highMillivolts: 4230 }],
  ["[rules.cell-high]\nstart = 3.5", { highMillivolts: 3500 }, { highMillivolts: 3500 }],
  ['chemistry = "lfp"\n[rules.cell-low]\nenabled = false', { highMillivolts: 3650 }, { highMillivolts: 3650 }],
];

for (const [text, house, van] of CELL_LIMITS) {
  test(`limits of cells that are known from: ${text.replaceAll("\n", "; ") || "an empty file"}`, () => {
    const config = read(text);
    assert.deepEqual([cellLimits(config, "house"), cellLimits(config, "van")], [house, van]);
  });
}

const target = (lines: string) => `[[targets]]\n${lines}`;
const NTFY = 'type = "ntfy"\nurl = "https://ntfy.sh/t"\n';

/** The fault, the file, and the error. */
const WRONG: readonly (readonly [about: string, text: string, error: string])[] = [
  ["a syntax error", "chemistry = \n", "alerts.toml, line 1: not valid TOML:"],
  ["an unknown key", 'chemsitry = "lfp"', "alerts.toml, line 1: chemsitry: unknown; did you mean chemistry?"],
  [
    "an unknown key like no other",
    "colour = 1",
    "alerts.toml, line 1: colour: unknown; known are chemistry, rules, meters, targets",
  ],
  [
    "an unknown chemistry",
    'chemistry = "lead"',
    'alerts.toml, line 1: chemistry: expected one of "unknown", "lfp", "nmc", "lto"',
  ],
  ["an unknown rule", "[rules.cell-hihg]", "alerts.toml, line 1: rules.cell-hihg: unknown; did you mean cell-high?"],
  ["a rule that is no table", "rules = 3", "alerts.toml, line 1: rules: expected a table"],
  [
    "a limit beyond its bounds",
    "\n[rules.charge-low]\nstart = 120",
    "alerts.toml, line 3: rules.charge-low.start: expected a number from 0 to 100 (%)",
  ],
  [
    "a limit as text",
    '[rules.charge-low]\nstart = "20"',
    "alerts.toml, line 2: rules.charge-low.start: expected a number from 0 to 100 (%)",
  ],
  [
    "millivolts where volts belong",
    "[rules.cell-high]\nstart = 3650",
    "alerts.toml, line 2: rules.cell-high.start: expected a number from 0.5 to 5 (V)",
  ],
  [
    "limits in the wrong order",
    "[rules.charge-low]\nstart = 20\nend = 15",
    "alerts.toml, line 3: rules.charge-low.end: expected a limit above the start, 20, not 15",
  ],
  [
    "limits of a meter in the wrong order, one of them from the rules of all meters",
    "[rules.cell-spread]\nend = 150\n[meters.house.rules.cell-spread]\nstart = 120\nend = 150",
    "alerts.toml, line 5: meters.house.rules.cell-spread.end: expected a limit below the start, 120, not 150",
  ],
  [
    "a limit for a rule without limits",
    "[rules.silent]\nstart = 1",
    "alerts.toml, line 2: rules.silent.start: unknown;",
  ],
  [
    "a time without a unit",
    '[rules.silent]\ndelay = "10"',
    'alerts.toml, line 2: rules.silent.delay: expected a time such as "30s", "5m", "12h" or "2d"',
  ],
  ["the name of a meter that cannot be one", '[meters." x"]', "expected the name of a meter"],
  ["a target without a type", target('url = "https://ntfy.sh/t"'), 'targets[1].type: missing, expected one of "ntfy"'],
  [
    "an unknown type",
    target('type = "mail"'),
    'alerts.toml, line 2: targets[1].type: expected one of "ntfy", "gotify"',
  ],
  ["a target without an address", target('type = "ntfy"'), "targets[1].url: missing, expected the address of a topic"],
  [
    "an address without a topic",
    target('type = "ntfy"\nurl = "https://ntfy.sh/"'),
    "line 3: targets[1].url: expected the address of a topic",
  ],
  ["another protocol", target('type = "json"\nurl = "ftp://example.net/"'), "with http or https"],
  [
    "a login in the address",
    target('type = "json"\nurl = "https://me:secret@example.net/"'),
    "targets[1].url: a login in the address is not accepted: take an access token",
  ],
  [
    "Gotify without a token",
    target('type = "gotify"\nurl = "https://example.net"'),
    "targets[1].token: missing: Gotify shows it under Apps",
  ],
  [
    "two tokens",
    target(`${NTFY}token = "a"\ntoken_file = "/token"`),
    "targets[1].token_file: cannot be used with token",
  ],
  [
    "a token that is no header",
    target(`${NTFY}token = "secret a"`),
    "line 4: targets[1].token: expected an access token",
  ],
  [
    "a token file that does not exist",
    target(`${NTFY}token_file = "/none"`),
    "targets[1].token_file: /none does not exist",
  ],
  [
    "a token file of others",
    target(`${NTFY}token_file = "/closed"`),
    "targets[1].token_file: /closed cannot be read by this user",
  ],
  [
    "two targets of one name, in the second",
    `${target(NTFY)}${target(NTFY)}`,
    'targets[2].name: "ntfy" is the name of another target',
  ],
  [
    "a key of the second target",
    `${target(NTFY)}${target(`${NTFY}severety = "alarm"`)}`,
    "line 7: targets[2].severety: unknown; did you mean severity?",
  ],
];

for (const [about, text, expected] of WRONG) {
  test(`${about} is refused in one line`, () => {
    assert.throws(
      () => read(text),
      (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.ok(error.message.includes(expected), error.message);
        assert.doesNotMatch(error.message, /\n|secret/);
        return true;
      },
    );
  });
}

test("an empty file gives the defaults", () => {
  for (const rule of RULES)
    assert.deepEqual(read("").settings(rule, "house"), DEFAULT_CONFIG.settings(rule, undefined));
  assert.deepEqual(read("").targets, []);
});

test("a meter's settings win over those of all meters, and those over the defaults", () => {
  const config = read(`
chemistry = "lfp"
[rules.charge-low]
start = 30
reminder = "0"
[rules.alarm]
enabled = false
[meters.boat]
chemistry = "nmc"
[meters.boat.rules.charge-low]
start = 50
end = 60
delay = "1h30m"
severity = "alarm"
`);
  const low = ruleOf("charge-low");
  const { limits, delayMs, reminderMs, severity } = config.settings(low, "boat");
  assert.deepEqual([limits, delayMs, reminderMs, severity], [{ start: 50, end: 60 }, 5_400_000, 0, "alarm"]);
  assert.deepEqual(config.settings(low, "house").limits, { start: 30, end: 35 }, "the distance to the end is kept");
  assert.equal(config.settings(ruleOf("alarm"), "boat").enabled, false);
  assert.deepEqual(config.settings(ruleOf("cell-high"), "house").limits, { start: 3.65, end: 3.5 });
  assert.deepEqual(config.settings(ruleOf("cell-high"), "boat").limits, { start: 4.23, end: 4.15 });
});

test("targets are read with their tokens", () => {
  const { targets } = read(
    target(`name = "phone"\n${NTFY}token_file = "/token"\nseverity = "alarm"\n`) +
      target('type = "json"\nurl = "http://[::1]:8080/a?b=c"\n'),
  );
  assert.deepEqual(targets, [
    { name: "phone", type: "ntfy", url: new URL("https://ntfy.sh/t"), token: "tk_of_file", severity: "alarm" },
    { name: "json", type: "json", url: new URL("http://[::1]:8080/a?b=c"), severity: "warning" },
  ]);
});

/** Lines of the file with their comments removed: `#key = …` and `#[table]`, not `# text`. */
test("the file of the package is valid, and so are all its examples", () => {
  const text = readFileSync("systemd/alerts.toml", "utf8");
  assert.deepEqual(read(text).targets, []);
  const active = read(text.replace(/^#(?=[[a-z])/gm, "").replace("/etc/bms/ntfy-token", "/token"));
  assert.equal(active.targets.length, 1);
  assert.equal(active.settings(ruleOf("charge-low"), "house").limits?.start, 50);
});

test("the examples of docs/alerts.md are valid, and its table has the defaults", () => {
  const document = readFileSync("docs/alerts.md", "utf8");
  const examples = [...document.matchAll(/ *```toml\n(.*?)```/gs)].map(([, text = ""]) => text);
  assert.equal(examples.length, 2);
  for (const example of examples) read(example);
  const rows = [...document.matchAll(/^\| `([a-z-]+)` \| (.*) \| (.*) \| (.*) \| (.*) \| (alarm|warning) \|$/gm)];
  assert.deepEqual(
    rows.map(([, name]) => name),
    RULES.map(({ name }) => name),
  );
  for (const [, name = "", , , after = "", reminder = "", severity] of rows) {
    const settings = DEFAULT_CONFIG.settings(ruleOf(name), undefined);
    const ms = after === "at once" ? 0 : parseDuration(after.replace(" min", "m").replace(" ", ""));
    assert.deepEqual(
      [settings.delayMs, settings.reminderMs, settings.severity],
      [ms, parseDuration(reminder.replace(" ", "")), severity],
    );
  }
});

for (const [text, ms] of [
  ["0", 0],
  ["30s", 30_000],
  ["5m", 300_000],
  ["12h", 43_200_000],
  ["2d", 172_800_000],
] as const) {
  test(`${text} is ${ms} ms, and the other way round`, () =>
    assert.deepEqual([parseDuration(text), formatDuration(ms)], [ms, text]));
}

for (const text of ["", "5", "-5m", "5 m", "1.5h", "366d", "m"]) {
  test(`${JSON.stringify(text)} is no time`, () => assert.equal(parseDuration(text), undefined));
}
