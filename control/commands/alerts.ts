import { defineCommand } from "../../common/cli/command.ts";
import { nonEmpty, type OptionRow, SHARED_OPTIONS } from "../../common/cli/option.ts";
import { formatAge, formatColumns } from "../../common/cli/text.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { AlertConfig } from "../../viewer/alerts/config.ts";
import { ALERTS_FILE, readAlertConfig } from "../../viewer/alerts/config-file.ts";
import { formatDuration } from "../../viewer/alerts/duration.ts";
import { alertViews } from "../../viewer/alerts/engine.ts";
import { formatRequest } from "../../viewer/alerts/formats.ts";
import { httpPost } from "../../viewer/alerts/http-post.ts";
import { testMessage } from "../../viewer/alerts/message.ts";
import type { Rule, RuleSettings } from "../../viewer/alerts/rule.ts";
import { RULES } from "../../viewer/alerts/rules/rules.ts";
import { alertStatePath, readAlertState, type SavedState } from "../../viewer/alerts/state-file.ts";
import type { Target } from "../../viewer/alerts/target.ts";
import { serviceAlertsFile, VIEWER_FILE } from "../setup/viewer-settings.ts";

/** The state directory of the viewer's service. */
const VIEWER_STATE = "/var/lib/bms/viewer";

const file = {
  flags: "--file <file>",
  about: "rules and targets",
  presetText: `that of the service: BMS_ALERTS in ${VIEWER_FILE}, else ${ALERTS_FILE}`,
  completes: "file",
  ...nonEmpty("a path"),
} satisfies OptionRow<string>;

const state = {
  flags: "--state <directory>",
  about: "state directory of bms-viewer",
  preset: VIEWER_STATE,
  completes: "directory",
  ...nonEmpty("a path"),
} satisfies OptionRow<string>;

export const alerts = defineCommand({
  name: "alerts",
  about: `Shows the rules of alerts with their limits, the alerts that go on, and the targets of messages. With the word test it
sends a test message to every target and prints each answer.`,
  argument: { name: "test", about: "the word test: send a test message to every target", isOptional: true },
  options: { file, state, json: SHARED_OPTIONS.json },
  examples: [
    ["sudo bmsctl alerts", "the rules, and what goes on"],
    ["sudo bmsctl alerts test", "a message to every target; exit status 1 if one of them fails"],
  ],
  read({ argument, values }) {
    if (argument !== "" && argument !== "test")
      throw new UsageError(`'${argument}' is not known; the only word is test`);
    return { isTest: argument === "test", ...values };
  },
  async run({ isTest, file = serviceAlertsFile(), state, json }, { clock, print, createLog }) {
    const config = readAlertConfig(file);
    if (isTest) {
      if (config.targets.length === 0)
        throw new UsageError(`no target is set up: add [[targets]] to ${file ?? ALERTS_FILE}`);
      const results = await testTargets(config.targets, clock.now());
      for (const result of results) print(json ? `${JSON.stringify(result)}\n` : testLine(result));
      return results.every(({ result }) => result === "sent") ? 0 : 1;
    }
    const saved = readState(state, (fault) => createLog("warn", "bmsctl alerts").warn(fault));
    print(json ? jsonLines(config, saved) : report(config, saved, clock.now()));
    return 0;
  },
});

interface TestResult {
  readonly target: string;
  readonly type: Target["type"];
  readonly result: "sent" | "refused" | "failed";
  readonly answer: string;
}

/** All at once: each has its own deadline. */
async function testTargets(targets: readonly Target[], now: number): Promise<readonly TestResult[]> {
  const message = testMessage(now);
  return Promise.all(
    targets.map(async (target) => {
      const { result, answer } = await httpPost(formatRequest(message, target));
      return { target: target.name, type: target.type, result, answer };
    }),
  );
}

/** Home Assistant answers 200 to every webhook, whether it exists or not. */
function testLine({ target, type, result, answer }: TestResult): string {
  const hint =
    type === "home-assistant" && result === "sent" ? "; it answers so to unknown webhooks too: look there" : "";
  return `${target} (${type}): ${result}, ${answer}${hint}\n`;
}

function readState(directory: string, report: (fault: string) => void): SavedState | undefined {
  const path = alertStatePath(directory);
  try {
    const saved = readAlertState(path);
    if (!saved) report(`what goes on is not known: there is no ${path} yet, bms-viewer writes it`);
    return saved;
  } catch (error) {
    const isForbidden = (error as NodeJS.ErrnoException).code === "EACCES";
    report(`what goes on is not known: ${isForbidden ? `only root may read ${path}, try sudo` : `${path} is damaged`}`);
    return undefined;
  }
}

interface RuleRow {
  readonly rule: Rule;
  /** Absent for the settings that hold for all meters. */
  readonly meter?: string;
  readonly settings: RuleSettings;
}

/** Every rule, followed by the meters for which it has other settings. */
function ruleRows(config: AlertConfig): readonly RuleRow[] {
  return RULES.flatMap((rule) => {
    const settings = config.settings(rule, undefined);
    const ofMeters =
      rule.scope === "system"
        ? []
        : config.meters.map((meter) => ({ rule, meter, settings: config.settings(rule, meter) }));
    return [{ rule, settings }, ...ofMeters.filter((row) => JSON.stringify(row.settings) !== JSON.stringify(settings))];
  });
}

const COLUMNS = ["rule", "meter", "starts at", "ends at", "after", "reminder", "severity"] as const;

function report(config: AlertConfig, saved: SavedState | undefined, now: number): string {
  const rules = ruleRows(config).map(({ rule, meter = "", settings }) => {
    const { enabled, limits, delayMs, reminderMs, severity } = settings;
    if (!enabled) return [rule.name, meter, "off"];
    const limit = (value: number | undefined) => (value === undefined ? "-" : `${value} ${rule.limits?.unit}`);
    return [
      rule.name,
      meter,
      limit(limits?.start),
      limit(limits?.end),
      formatDuration(delayMs),
      reminderMs === 0 ? "none" : formatDuration(reminderMs),
      severity,
    ];
  });
  return [formatColumns([COLUMNS, ...rules]), alertsReport(saved, now), targetsReport(config, saved)]
    .filter(Boolean)
    .join("\n");
}

function alertsReport(saved: SavedState | undefined, now: number): string {
  if (!saved) return "";
  const views = alertViews(saved.engine);
  if (views.length === 0) return "no alerts\n";
  return formatColumns(
    views.map(({ severity, text, since, endedAt }) => [
      endedAt === undefined ? severity : "ended",
      `${formatAge((now - (endedAt ?? since)) / 1000)} ago`,
      text,
    ]),
  );
}

function targetsReport({ targets }: AlertConfig, saved: SavedState | undefined): string {
  if (targets.length === 0) return "no target is set up: no messages are sent\n";
  return formatColumns(
    targets.map(({ name, type, severity }) => {
      const waiting = saved?.queues.find(({ target }) => target === name)?.waiting.length;
      const rank = severity === "alarm" ? "alarms only" : "all alerts";
      return [name, type, rank, waiting === undefined ? "" : `${waiting} waiting`];
    }),
  );
}

function jsonLines(config: AlertConfig, saved: SavedState | undefined): string {
  const rules = ruleRows(config).map(({ rule: { name, limits }, meter, settings }) => ({
    kind: "rule",
    rule: name,
    ...(meter !== undefined && { meter }),
    ...(limits && { unit: limits.unit }),
    ...settings,
  }));
  const views = saved ? alertViews(saved.engine).map((alert) => ({ kind: "alert", ...alert })) : [];
  const targets = config.targets.map(({ name, type, severity }) => ({ kind: "target", target: name, type, severity }));
  return [...rules, ...views, ...targets].map((row) => `${JSON.stringify(row)}\n`).join("");
}
